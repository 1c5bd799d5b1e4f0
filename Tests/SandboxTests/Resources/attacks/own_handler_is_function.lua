local function f() error(f) end
xpcall(f, f)
return xpcall(f, function() return f() end)
