error(setmetatable({}, { __tostring = function() return ("\xff"):rep(20 << 20) end }))
