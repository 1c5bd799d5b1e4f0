local big = ("x"):rep(1 << 20)
while true do pcall(hash.sha256, big) pcall(base64.encode, big) pcall(log.info, big, big) pcall(vars.set, big, big) pcall(base64.decode, big) end
