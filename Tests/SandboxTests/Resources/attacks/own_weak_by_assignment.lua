local mt = {}
local t = setmetatable({}, mt)
mt.__mode = "kv"
for round = 1, 1e4 do
  for i = 1, 1e4 do t[{}] = {} t[i] = {} end
end
