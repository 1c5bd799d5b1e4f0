local t = json.array { 1 }
assert(getmetatable(t) == false)
print(pcall(setmetatable, t, { __index = print }))
rawset(t, "x", 1)
print(pcall(json.encode, t))
print(pcall(json.array, json.null), pcall(json.array, ctx.list), pcall(json.array, setmetatable({}, { __metatable = 1 })))
return json.array(t)
