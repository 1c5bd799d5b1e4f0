local t = {}
setmetatable(t, { __index = function() return t end, __call = function() return t end })
return t
