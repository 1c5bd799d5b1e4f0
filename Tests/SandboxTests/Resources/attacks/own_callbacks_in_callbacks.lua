local function f(n)
  return (("x"):gsub("x", function()
    local t = { 2, 1 }
    table.sort(t, function() return coroutine.wrap(function() return f(n + 1) end)() end)
  end))
end
while true do pcall(f, 1) end
