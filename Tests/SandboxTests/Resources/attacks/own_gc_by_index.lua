local mt = setmetatable({}, { __index = function(_, k) if k == "__gc" then return function() while true do end end end end })
for i = 1, 1e5 do setmetatable({}, mt) end
local late = {}
setmetatable({}, late)
late.__gc = function() while true do end end
for i = 1, 1e6 do local t = { {} } end
