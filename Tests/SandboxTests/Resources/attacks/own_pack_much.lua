local s = string.rep("s8", 1000)
while true do pcall(string.pack, s, string.rep("x", 1000)) pcall(string.unpack, ("z"):rep(10000), ("\0"):rep(20000)) pcall(string.packsize, ("i16"):rep(1 << 20)) end
