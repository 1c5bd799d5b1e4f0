local x <close> = setmetatable({}, { __close = function(_, e) error(e) end })
error(setmetatable({}, { __tostring = function() return coroutine.wrap(function() error("t") end)() end }))
