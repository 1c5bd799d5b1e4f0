while true do log.info(("x"):rep(1 << 20)) print(("y"):rep(1 << 20)) end
