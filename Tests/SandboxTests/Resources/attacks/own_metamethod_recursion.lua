local mt = {}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
mt.__eq = function(x, y) return x == y end
mt.__lt = function(x, y) return x < y end
mt.__concat = function(x, y) return x .. y end
mt.__call = function(x) return x() end
mt.__unm = function(x) return -x end
while true do pcall(function() return a == b end) pcall(function() return a < b end) pcall(function() return a .. b end) pcall(a) pcall(function() return -a end) end
