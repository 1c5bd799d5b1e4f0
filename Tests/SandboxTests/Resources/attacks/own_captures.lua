local s = ("ab"):rep(20000)
while true do
  pcall(string.find, s, ("(.-)"):rep(32) .. "c")
  pcall(string.gsub, s, ("(a*)(b*)"):rep(16), "%1%2%32")
  pcall(string.match, ("("):rep(50000), "%b()")
end
