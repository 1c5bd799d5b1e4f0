while true do pcall(utf8.char, table.unpack({}, 1, 10000)) pcall(utf8.codepoint, ("\u{7FFFFFFF}"):rep(100000), 1, -1) for _ in utf8.codes(("x"):rep(100000)) do end end
