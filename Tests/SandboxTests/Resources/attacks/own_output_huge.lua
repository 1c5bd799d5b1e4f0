print(("x"):rep(30 << 20))
