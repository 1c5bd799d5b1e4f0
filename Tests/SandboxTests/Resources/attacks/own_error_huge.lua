error(("x"):rep(20 << 20))
