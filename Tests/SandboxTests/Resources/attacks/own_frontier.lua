local s = ("a "):rep(100000)
while true do s:find("%f[%w]%f[^%w]%f[%w]x") s:find(("a?"):rep(200) .. ("a"):rep(200)) end
