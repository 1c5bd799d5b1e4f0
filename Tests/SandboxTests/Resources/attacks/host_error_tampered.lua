local function caught() return select(2, pcall(fail, "x", { a = 1 })) end
for _, field in ipairs { "code", "op", "message", "retryable", "details", "cause", "at" } do
  for _, value in ipairs { print, {}, 1, true, "\xff\0\n", json.null, ("x"):rep(100000), coroutine.create(print), ctx } do
    local e = caught()
    e[field] = value
    print(#tostring(e), pcall(error, e))
  end
end
local e = caught()
e.details = e
e.cause = e
e.message = setmetatable({}, { __tostring = function() while true do end end })
e.code = "budget_exceeded"
setmetatable(e.message, nil)
error(e)
