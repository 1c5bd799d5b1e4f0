for _, open in ipairs { "[", '{"a":', '[{"a":[' } do print(pcall(json.decode, open:rep(1000000))) end
return json.decode(("["):rep(64) .. ("]"):rep(64))
