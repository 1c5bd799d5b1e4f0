-- While a line is made, functions of the script use the same buffer.
local value = setmetatable({}, { __tostring = function() json.encode(("x"):rep(100000)) log.info(hash.sha256("a")) pcall(vars.set, print) return json.encode { 1 } end })
for _ = 1, 100 do log.info(value, value, value) end
log.info(setmetatable({}, { __tostring = function() return {} end }))
