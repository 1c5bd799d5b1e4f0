local function body() return retry({ attempts = 1000, backoff = "1ms" }, function(n) coroutine.yield(n) error("again") end) end
while true do
  local co = coroutine.wrap(body)
  for _ = 1, 50 do pcall(co) end
end
