local t = { pcall }
for i = 2, 200 do t[i] = pcall end
while true do pcall(table.unpack(t)) end
