while true do pcall(string.rep, "x", 1 << 40, "yy") pcall(string.rep, ("x"):rep(1 << 20), 1 << 20) end
