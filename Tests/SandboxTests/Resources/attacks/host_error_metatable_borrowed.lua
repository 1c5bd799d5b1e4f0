local e = select(2, pcall(fail, "x"))
print(getmetatable(e), pcall(setmetatable, e, {}), rawequal(e, e))
local other = setmetatable({}, { __index = e, __tostring = tostring })
print(pcall(tostring, other))
while true do e = select(2, pcall(fail, tostring(e))) end
