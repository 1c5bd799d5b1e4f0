local threads = {}
local function branch()
  local own = coroutine.running()
  threads[#threads + 1] = own
  local x <close> = setmetatable({}, { __close = function() for _, t in ipairs(threads) do pcall(coroutine.resume, t, { ok = own }) end time.sleep("1ms") end })
  for i = 1, 50 do
    for _, t in ipairs(threads) do coroutine.resume(t, { id = i, error = { code = "cancelled" } }) coroutine.wrap(function() coroutine.resume(t) end)() end
    pcall(coroutine.yield, i)
    vars.get("x")
  end
  error(own)
end
for _ = 1, 20 do pcall(parallel, { branch, branch, branch, function() error(coroutine.wrap(branch)) end }) end
for _, t in ipairs(threads) do coroutine.resume(t) end
