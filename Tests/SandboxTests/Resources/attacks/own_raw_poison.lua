local ok = pcall(rawset, string, "rep", nil) or pcall(rawset, _G, "x", 1) or pcall(rawset, _ENV, "print", 1) or pcall(setmetatable, string, {}) or pcall(setmetatable, _G, nil)
assert(not ok and ("x"):rep(2) == "xx" and not rawget(_G, "x"))
pcall(table.insert, string, 1) pcall(table.sort, _G) pcall(table.move, { 1 }, 1, 1, 1, math) pcall(table.remove, coroutine, 1)
assert(string[1] == nil and math[1] == nil)
