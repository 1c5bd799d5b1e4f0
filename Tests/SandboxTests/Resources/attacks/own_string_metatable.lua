assert(getmetatable("") == false)
assert(not pcall(setmetatable, "", {}))
local s = "x"
assert(not pcall(function() s.y = 1 end))
assert(s.dump == nil and s.rep)
