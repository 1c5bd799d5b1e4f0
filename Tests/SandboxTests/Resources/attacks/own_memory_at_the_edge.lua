local keep = {}
for size = 1 << 20, 1, -1024 do
  pcall(function() while #keep < 60 do keep[#keep + 1] = ("x"):rep(size) .. #keep end end)
  keep[#keep] = nil
end
while true do pcall(string.rep, "x", 1 << 20) end
