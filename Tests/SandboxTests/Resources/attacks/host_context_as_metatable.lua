local t = setmetatable({}, ctx.app)
print(t.url, tostring(t), #t, pcall(function() return t + 1 end))
local u = setmetatable({}, { __index = ctx.app, __metatable = ctx.app, __name = ctx.app, __tostring = ctx.app })
print(u.id, u.url, pcall(tostring, u), getmetatable(u) == ctx.app)
local v = setmetatable({}, ctx)
for _ = 1, 1000 do setmetatable(v, ctx.list) setmetatable(v, json) setmetatable(v, _G) end
for _ = 1, 10000 do v = setmetatable({}, setmetatable({}, v)) end
return #ctx.list
