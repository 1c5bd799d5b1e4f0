while true do
  local co = coroutine.wrap(function() local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end)
  pcall(co)
end
