local function again(n) local ok, e = pcall(fail, "x") if n > 0 then return again(n - 1) end error(e) end
xpcall(again, function(e) fail(tostring(e)) end, 10)
xpcall(again, function(e) return retry({ attempts = 2, backoff = "1ms" }, function() error(e) end) end, 10)
local x <close> = setmetatable({}, { __close = function(_, e) fail(tostring(e)) end })
again(100)
