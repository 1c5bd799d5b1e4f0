local all = {}
for i = 1, 1e9 do
  local mt = setmetatable({}, {})
  getmetatable(mt).__mode = "kv"
  mt.__index = mt
  mt[1] = setmetatable({}, mt)
  all[#all + 1] = mt
  all["k" .. i] = ("x"):rep(1000) .. i
end
