print(pcall(function() return json.null.x end), pcall(function() json.null.x = 1 end), pcall(function() return json.null() end), pcall(setmetatable, json.null, {}))
print(getmetatable(json.null), pcall(next, json.null), pcall(rawset, json.null, 1, 1), pcall(rawget, json.null, 1), #tostring(json.null))
local t = { [json.null] = json.null }
return t
