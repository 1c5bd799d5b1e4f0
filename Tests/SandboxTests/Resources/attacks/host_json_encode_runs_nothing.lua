local function never() error("ran") end
local t = setmetatable({ a = 1 }, { __index = never, __pairs = never, __len = never, __tostring = never, __name = "x", __call = never })
assert(json.encode(t) == '{"a":1}')
local faces = { json, ctx, ctx.app, ctx.list, string }
for _, face in ipairs(faces) do print(pcall(json.encode, setmetatable({ face }, { __index = never }))) end
return t
