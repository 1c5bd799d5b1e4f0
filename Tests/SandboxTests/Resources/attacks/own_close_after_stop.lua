local mt = { __close = function() while true do pcall(function() while true do end end) end end }
while true do
  pcall(function()
    local a <close> = setmetatable({}, mt)
    local b <close> = setmetatable({}, mt)
    while true do end
  end)
end
