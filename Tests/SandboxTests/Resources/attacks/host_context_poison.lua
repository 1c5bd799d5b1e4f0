local function all(t, seen)
  seen = seen or {}
  if type(t) ~= "table" or seen[t] then return end
  seen[t] = true
  for k, v in pairs(t) do
    print(pcall(rawset, t, k, 1), pcall(function() t[k] = 1 end), pcall(table.insert, t, 1), pcall(table.move, { 1, 2 }, 1, 2, 1, t), pcall(setmetatable, t, nil))
    all(v, seen)
  end
end
all(ctx) all(_G)
for _, name in ipairs { "ctx", "json", "log", "retry", "require", "print", "pcall" } do print(pcall(function() _G[name] = nil end), pcall(rawset, _G, name, 1)) end
local other = setmetatable({}, { __index = ctx, __newindex = ctx })
print(pcall(function() other.run = 1 end), other.run.id)
assert(ctx.run.id == "r1" and #ctx.list == 3 and ctx.app:url("/") == "http://h:1/")
