local hoard = {}
local function branch() for i = 1, 1e9 do hoard[#hoard + 1] = ("x"):rep(1 << 16) .. i if i % 10 == 0 then pcall(vars.get, "x") end end end
parallel { branch, branch, branch, branch }
