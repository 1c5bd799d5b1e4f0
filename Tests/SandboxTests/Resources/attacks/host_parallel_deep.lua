local function dive(n) if n > 0 then return pcall(dive, n - 1) end vars.get("x") return dive(190) end
local function chain(n) local x <close> = setmetatable({}, { __close = function() vars.get("y") end }) if n > 0 then return chain(n - 1) end error(chain) end
parallel { function() dive(190) end, function() chain(180) end, function() retry({ attempts = 100, backoff = "1ms" }, function() parallel {} end) end }
