local function f(n)
  local co = coroutine.wrap(function()
    local x <close> = setmetatable({}, { __close = function() f(n + 1) end })
    error("again")
  end)
  co()
end
f(1)
