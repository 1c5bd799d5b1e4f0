-- Prints the same in stock Lua 5.4 and in the sandbox: what functions that the sandbox replaces give for random inputs, errors included.
-- It runs in both, and the outputs are compared. COUNT is how many inputs each function gets.
local COUNT = 20000
local LINE = 50 -- results per line of output

-- A generator of its own, because math.random is among what is compared.
local state = 88172645463325252
local function random(n)
  state = state ~ (state << 13)
  state = state ~ (state >> 7)
  state = state ~ (state << 17)
  return (state >> 11) % n
end

local names, pending = {}, {}
local function flush(name)
  if #pending[name] > 0 then print(name .. ": " .. table.concat(pending[name], " | ")) end
  pending[name] = {}
end
local function result(name, text)
  if not pending[name] then
    names[#names + 1] = name
    pending[name] = {}
  end
  table.insert(pending[name], text)
  if #pending[name] == LINE then flush(name) end
end

-- Values with a text that is the same everywhere; what has an address is shown by its type.
local function show(...)
  local texts = {}
  for i = 1, select("#", ...) do
    local v = (select(i, ...))
    texts[i] = type(v) == "number" and string.format(math.type(v) == "integer" and "%d" or "%.17g", v)
      or type(v) == "string" and string.format("%q", v)
      or type(v) == "boolean" and (v and "true" or "false")
      or type(v)
  end
  return table.concat(texts, ",")
end

local words = { "a", "b", "B", "aa", "ab", "", "z", "Z", "10", "9", "é", "\0x" }
local function word() return words[1 + random(#words)] end
local function float() return (random(2001) - 1000) / (1 + random(8)) end
local function scalar()
  local kind = random(5)
  if kind == 0 then return random(20) - 10 end
  if kind == 1 then return float() end
  if kind == 2 then return word() end
  if kind == 3 then return random(2) == 0 end
  return math.mininteger + random(3)
end

-- table.sort: lists of one kind or mixed (which raises), with order functions that are right, wrong, or raise.
local orders = {
  function(a, b) return a < b end,
  function(a, b) return a > b end,
  function() return true end,
  function() return false end,
  function() return random(2) == 0 end,
  function(a, b) return tostring(a):len() < tostring(b):len() end,
  function(a) if a == 3 then error("three", 0) end return false end,
}
for _ = 1, COUNT do
  local list, kind = {}, random(10)
  for i = 1, random(kind == 9 and 100 or 12) do
    list[i] = kind < 5 and random(20) or kind < 8 and word() or kind == 8 and scalar() or float()
  end
  local order = random(2) == 0 and orders[1 + random(#orders)] or nil
  local before = state -- an order function that draws numbers must find the same ones
  local ok, message = pcall(table.sort, list, order)
  state = before
  result("sort", show(ok, message) .. ":" .. show(table.unpack(list)))
end
-- Longer lists, whose order is total, so that the pivots make no difference.
for _ = 1, COUNT // 1000 do
  local list, n = {}, 200 + random(3000)
  local pattern = random(4)
  for i = 1, n do list[i] = pattern == 0 and i or pattern == 1 and -i or pattern == 2 and random(50) or random(1 << 40) end
  table.sort(list, random(2) == 0 and orders[2] or nil)
  local digest = 0
  for i = 1, n do digest = (digest * 31 + list[i]) & 0xFFFFFFFFFFFF end
  result("long sort", show(n, digest))
end

-- pairs and next: the same keys and values, whatever the order. They are compared as sorted lines.
local function content(t, walk)
  local lines = {}
  walk(t, function(k, v) lines[#lines + 1] = show(k) .. "=" .. show(v) end)
  table.sort(lines)
  return table.concat(lines, ";")
end
local function byPairs(t, f) for k, v in pairs(t) do f(k, v) end end
local function byNext(t, f)
  local k, v = next(t)
  while k ~= nil do f(k, v) k, v = next(t, k) end
end
local function clearing(t, f)
  for k, v in pairs(t) do f(k, v) t[k] = nil end
  f("left", next(t) == nil)
end
local function changing(t, f)
  for k, v in pairs(t) do t[k] = tostring(v) f(k, v) end
end
local walks = { byPairs, byNext, clearing, changing }
for _ = 1, COUNT do
  local t = {}
  for i = 1, random(8) do t[i] = scalar() end
  for _ = 1, random(8) do
    local k = scalar()
    t[k] = scalar()
  end
  if random(4) == 0 then t[1 + random(4)] = nil end
  result("pairs", content(t, walks[1 + random(#walks)]))
end
for _ = 1, COUNT // 100 do
  local t = setmetatable({}, { __pairs = function(self) return function(_, k) if not k then return 1, "one" end end, self, nil end })
  result("__pairs", content(t, byPairs))
  local bad = scalar()
  result("pairs of no table", show(pcall(pairs)) .. show((pcall(pairs, bad))))
  result("next of no table", show(pcall(next)) .. show(pcall(next, bad)))
end

-- math.random with a seed that is given.
math.randomseed(0)
for _ = 1, COUNT do
  local seed = scalar()
  local ok, message = pcall(math.randomseed, seed)
  local low, high = scalar(), scalar()
  result("random", show(ok, ok or message) .. show(pcall(math.random)) .. show(pcall(math.random, low))
    .. show(pcall(math.random, low, high)) .. show(math.random(1000), math.random(0)))
end

-- tostring and string.format: everything but addresses.
local objects = {
  setmetatable({}, { __tostring = function() return "object" end }),
  setmetatable({}, { __tostring = function() return 12 end }),
  setmetatable({}, { __tostring = function() error("no text", 0) end }),
  setmetatable({}, { __tostring = function() return {} end }),
}
local formats = { "%d", "%5.2f", "%s", "%q", "%x", "%g", "%-8s|", "%.3s", "%c", "%a", "%i", "%5", "%", "%y", "%%", "%10d", "%s %s", "%.20s", "%099d", "%100d" }
for _ = 1, COUNT do
  local value = random(10) == 0 and objects[1 + random(#objects)] or scalar()
  result("tostring", show(pcall(tostring, value)))
  result("format", show(pcall(string.format, formats[1 + random(#formats)], value)))
end
result("tostring of nothing", show(pcall(tostring)))

-- The other functions that the sandbox replaces.
for _ = 1, COUNT // 4 do
  local a, b = scalar(), scalar()
  result("rep", show(pcall(string.rep, word(), random(5) - 1, random(2) == 0 and word() or nil)) .. show(pcall(string.rep, a, b and 3)))
  local t = { a }
  result("raw", show(pcall(rawget, t, b)) .. show(pcall(rawset, t, 1, b)) .. show(t[1]) .. show(pcall(rawlen, t)) .. show(pcall(rawlen, a))
    .. show(pcall(rawget, a, 1)) .. show(pcall(rawset, a, 1, 1)))
  result("setmetatable", show(pcall(setmetatable, t, a)) .. show(pcall(setmetatable, a, {})) .. show(pcall(setmetatable, setmetatable({}, { __metatable = a }), nil)))
  local function body(...)
    local got = { coroutine.yield(...) }
    if random(3) == 0 then error(random(2) == 0 and "failed" or a) end
    return table.unpack(got)
  end
  local before = state
  local co = coroutine.create(body)
  result("resume", show(coroutine.resume(co, a, b)) .. show(coroutine.resume(co, b)) .. show(coroutine.resume(co)) .. show(coroutine.status(co)))
  state = before
  local wrapped = coroutine.wrap(body)
  result("wrap", show(pcall(wrapped, a)) .. show(pcall(wrapped, b, a)) .. show(pcall(wrapped)))
  result("no coroutine", show(pcall(coroutine.resume, a)) .. show(pcall(coroutine.wrap, a)))
end
for _, name in ipairs(names) do flush(name) end
