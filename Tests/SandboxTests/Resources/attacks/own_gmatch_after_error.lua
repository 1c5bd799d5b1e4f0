local step = string.gmatch(("x"):rep(300000), ("x-"):rep(500) .. "y")
for _ = 1, 100 do pcall(step) end
