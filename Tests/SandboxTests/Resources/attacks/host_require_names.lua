for _, name in ipairs { "", ".", "..", "/etc/passwd", "../x", "endless\0", ("x"):rep(1 << 22), "endless.lua", "ENDLESS", "\xff\n" } do
  local ok, e = pcall(require, name)
  assert(not ok)
  print(#tostring(e))
end
print(pcall(require), pcall(require, nil), pcall(require, {}), pcall(require, 1), pcall(require, json.null))
while true do pcall(require, "none" .. math.random(1000000)) end
