local e = select(2, pcall(fail, ("x"):rep(1 << 20), { ("y"):rep(1 << 22) }))
local t = {}
for _ = 1, 60 do t = { t, t } end
e.more = t
e.details = t
error(e)
