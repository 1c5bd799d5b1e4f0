local t = {}
for i = 1, 1000 do t[i] = i t["k" .. i] = i end
while true do
  for k in pairs(t) do t[k] = nil t[tostring(k) .. "x"] = 1 if #tostring(k) > 40 then t = { a = 1 } end end
end
