local t = {}
t[math.maxinteger] = 1
pcall(table.insert, t, 1)
t = setmetatable({}, { __len = function() return math.maxinteger end })
while true do pcall(table.insert, t, 1) pcall(table.insert, t, 1, 2) end
