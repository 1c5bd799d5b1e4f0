local function deeper(n) return retry({ attempts = 1000, backoff = "1ms" }, function() return deeper(n + 1) end) end
deeper(1)
