wait_for("ever", { timeout = "1000h", every = "10ms" }, function() pcall(function() while true do end end) error(setmetatable({ retryable = true }, {})) end)
