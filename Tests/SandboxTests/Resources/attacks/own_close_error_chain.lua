local function f(n)
  local x <close> = setmetatable({}, { __close = function() error("n" .. n) end })
  if n > 0 then f(n - 1) end
  error("inner")
end
while true do pcall(f, 150) end
