while true do pcall(string.rep, "x", 50 << 20) pcall(function() local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end) end
