local t = {}
for i = 1, 400000 do t["k" .. i * 7919] = i end
for _ = 1, 1000 do for _ in pairs(t) do break end end
