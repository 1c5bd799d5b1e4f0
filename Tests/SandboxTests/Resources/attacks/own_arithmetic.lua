assert(not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end))
assert(math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0)
assert(1 << 64 == 0 and 1 >> -64 == 0 and 1 << math.mininteger == 0)
local x = 2.0 ^ 53
assert(math.tointeger(x) and not pcall(function() return 2 ^ 64 | 0 end))
return math.mininteger, -0.0
