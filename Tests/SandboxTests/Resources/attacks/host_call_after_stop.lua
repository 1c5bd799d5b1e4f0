local function loop()
  local x <close> = setmetatable({}, { __close = function() while true do pcall(log.info, "still here") pcall(uuid) pcall(retry, {}, print) end end })
  while true do end
end
while true do pcall(loop) pcall(coroutine.wrap(loop)) end
