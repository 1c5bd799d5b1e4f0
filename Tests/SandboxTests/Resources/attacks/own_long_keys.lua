local t = {}
for i = 1, 1e9 do t[("k"):rep(1000000) .. i] = true end
