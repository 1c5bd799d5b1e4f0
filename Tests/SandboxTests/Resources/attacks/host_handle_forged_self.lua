local url, endpoint = ctx.app.url, ctx.app.endpoint
local forged = setmetatable({}, { __index = function(t, k) if k == "id" then return setmetatable({}, { __concat = function() while true do end end }) end return t end, __len = function() return 0 end })
for _, self in ipairs { {}, { id = 1 }, { endpoints = 1 }, { endpoints = { {} } }, { endpoints = { 1 }, endpoint = print }, setmetatable({}, ctx.app), json, _G, 1, "x", print, json.null, ctx, coroutine.create(print) } do
  print(pcall(url, self, "/x"), pcall(endpoint, self), pcall(url, ctx.app, self))
end
print(pcall(url), pcall(endpoint), pcall(url, nil, nil))
pcall(url, setmetatable({}, { __index = function(_, k) return k == "endpoint" and function() return forged end end }), "/")
return url(forged, "/")
