return function() end, coroutine.create(print), setmetatable({}, {})
