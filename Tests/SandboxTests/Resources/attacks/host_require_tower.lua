for _, name in ipairs { "itself", "broken", "nested", "yields", "nothing", "mirror" } do for _ = 1, 3 do print(name, pcall(require, name)) end end
local function deep(n) return coroutine.wrap(function() return n > 0 and deep(n - 1) or pcall(require, "hungry") end)() end
return deep(150)
