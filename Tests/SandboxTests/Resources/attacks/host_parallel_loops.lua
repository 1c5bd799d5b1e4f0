local function spin() while true do pcall(function() while true do time.sleep("1ms") end end) end end
local list = {}
for i = 1, 100 do list[i] = spin end
while true do pcall(parallel, list) end
