for _, text in ipairs { [["\ud800"]], [["\udc00\ud800"]], [["\ud800\u0041"]], [["\u12]], [["\u]], [["\]], [["\x41"]], '"\0"', '"\n"', '"\xC0\x80"', '"\xED\xA0\x80"', '"\xF4\x90\x80\x80"', '"' } do
  local ok, e = pcall(json.decode, text)
  assert(not ok, text)
end
return json.decode('"' .. ([[\ud83d\ude00]]):rep(500000) .. '"')
