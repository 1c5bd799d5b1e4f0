local co = coroutine.wrap(function() return require("yields") end)
print(pcall(co))
print(pcall(string.gsub, "a", "a", function() return require("mirror") end))
print(pcall(table.sort, { 3, 2, 1 }, function() return require("itself") end))
local t = setmetatable({}, { __index = function(_, k) return require(k) end, __close = function() require("endless") end })
do local x <close> = t end
