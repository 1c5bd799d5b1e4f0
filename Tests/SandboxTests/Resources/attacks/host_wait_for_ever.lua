wait_for("ever", { timeout = "1000h", every = "0s" }, function() return false end)
