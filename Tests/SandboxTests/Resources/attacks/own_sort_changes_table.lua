local t = {}
for i = 1, 1000 do t[i] = i * 7919 % 1009 end
while true do
  pcall(table.sort, t, function(a, b) t[#t] = nil t[#t + 1] = a return (a or 0) < (b or 0) end)
  pcall(table.sort, t, function() coroutine.yield() end)
  pcall(table.sort, t, function(a, b) table.sort(t) return true end)
  for i = 1, 1000 do t[i] = i end
end
