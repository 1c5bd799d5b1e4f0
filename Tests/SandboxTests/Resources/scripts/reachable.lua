-- Prints everything that a script can reach from its environment, one line each.
local seen = {}
local function walk(path, value)
  local kind = type(value)
  local shown = kind
  if kind == "number" then shown = string.format(math.type(value) == "integer" and "%d" or "%.17g", value) end
  if kind == "string" then shown = '"' .. value:gsub("[^ -~]", function(c) return string.format("\\x%02X", c:byte()) end) .. '"' end
  local known = seen[value] ~= nil and (kind == "table" or kind == "function" or kind == "userdata" or kind == "thread")
  print(path .. " = " .. (known and "see " .. seen[value] or shown))
  if known or kind == "string" or kind == "number" or kind == "boolean" then return end
  seen[value] = path
  local metatable = getmetatable(value)
  if metatable ~= nil then walk("getmetatable(" .. path .. ")", metatable) end
  if kind == "table" then
    for key, field in pairs(value) do walk(path .. "." .. tostring(key), field) end
  end
end
walk("_ENV", _ENV)
if rawget(_ENV, "ctx") ~= nil then
  -- What methods hide behind fields that `pairs` does not show.
  for _, name in ipairs { "endpoint", "url" } do walk("_ENV.ctx.app:" .. name, ctx.app[name]) end
end
walk('getmetatable("")', getmetatable(""))
walk("coroutine.running()", (coroutine.running()))
walk("pairs({})", (pairs({})))
walk("string.gmatch", (string.gmatch("", "")))
walk("utf8.codes", (utf8.codes("")))
walk("ipairs({})", (ipairs({})))
local ok, message = pcall(error)
walk("pcall(error)", message == nil and "nil" or message)
