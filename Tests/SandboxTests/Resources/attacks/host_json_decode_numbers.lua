for _, text in ipairs { ("1"):rep(1 << 20), "1e999999", "-1e999999", "0." .. ("0"):rep(100) .. "1", "1e", "--1", "0x10", "01", "+1", ".5", "1.", "NaN", "Infinity" } do print(pcall(json.decode, text)) end
return json.encode(json.decode("1e999999"))
