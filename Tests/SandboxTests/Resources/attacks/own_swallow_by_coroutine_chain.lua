local function chain(n)
  if n == 0 then while true do end end
  local co = coroutine.create(chain)
  while true do coroutine.resume(co, n - 1) co = coroutine.create(chain) end
end
chain(50)
