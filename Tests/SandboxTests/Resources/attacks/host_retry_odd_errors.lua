local odd = { nil, json.null, print, setmetatable({}, { __index = function() while true do end end }) }
for i = 1, 4 do print(pcall(retry, { attempts = 2, backoff = "1ms" }, function() error(odd[i]) end)) end
