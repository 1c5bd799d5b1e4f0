local _ENV = setmetatable({ pcall = pcall, error = error, type = function() return "function" end, tostring = error, math = {}, table = {} }, { __index = _G })
print(pcall(retry, { attempts = 2, backoff = "1ms" }, function() error("mine") end), pcall(wait_for, "x", { timeout = "1ms" }, 1), pcall(log.info, 1))
return ctx.app:url("x")
