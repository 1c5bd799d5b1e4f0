local t = {}
for _ = 1, 5000 do t = setmetatable({}, { __newindex = t, __index = t }) end
t.x = 1
return t.x
