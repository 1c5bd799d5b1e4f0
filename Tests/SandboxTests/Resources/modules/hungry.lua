local function f() return pcall(f) and f() end f() return ("x"):rep(1 << 26)
