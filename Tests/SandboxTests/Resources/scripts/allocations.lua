-- A bit of everything that allocates, for failing-allocator.c. Errors are caught, so that the script goes on where it can.
local function try(f, ...) return pcall(f, ...) end
local t = { 5, 3, 9, 1, b = 1, a = 2, [2.5] = "x", [true] = false, [10] = "ten" }
local keys = {}
try(function() for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(v) end end)
try(function() local k = nil repeat k = next(t, k) until k == nil end)
try(table.sort, keys)
try(table.sort, keys, function(a, b) return a > b end)
try(string.format, "%s %p %5.2f %q", t, t, 1 / 3, "q\n")
try(string.rep, "ab", 100, ",")
try(function() return ("x"):upper():gsub("X", { X = "y" }) end)
try(function() print("printed", 1, nil, t, table.concat({ 1, 2, 3 }, ",")) end)
try(function() return undefinedname end)
try(function() string.rep = 1 end)
try(setmetatable, {}, { __gc = print })
local mt = setmetatable({}, { __index = function(_, k) return k end, __close = function() end, __tostring = function() return "mt" end })
try(function() local x <close> = mt return tostring(x) .. x.field end)
try(function()
  local co = coroutine.wrap(function(...) local n = select("#", ...) while n < 4 do n = n + coroutine.yield(n) end error("over") end)
  co(1, 2) co(1) co(1)
end)
try(function()
  local co = coroutine.create(function() local y <close> = mt coroutine.yield({}) error({}) end)
  coroutine.resume(co) return coroutine.resume(co)
end)
try(function() return host.echo({ 1, 2, { a = "é", b = { true, 1.5 } } }, "text", nil, 12) end)
try(function() host.fail("x") end)
local ok, err = try(function() return host.fail({ k = "v" }) end)
try(tostring, err)
try(host.echo, function() end)
try(host.echo, { [1] = 1, x = 2 })
local function deep(n) if n == 0 then error("deep") end return (deep(n - 1)) end
try(deep, 30)
try(math.randomseed) try(math.random, 10)
local many = {}
for i = 1, 60 do
  try(function() many["key" .. i] = { i, tostring(i), { nested = i / 2 } } end)
  try(function() many[#many + 1] = function() return many, i end end)
  try(function() many[i + 0.5] = coroutine.wrap(function(a) coroutine.yield(a .. i) end)(i) end)
end
try(function() for k, v in pairs(many) do if type(v) == "table" then local _ = next(v, 1) end end end)
try(function() table.sort(many, function(a, b) return select(2, a()) < select(2, b()) end) end)
try(host.echo, many.key7, many.key8)
try(function() return require("lib.util").twice(2) + #require("lib.util").name end)
try(require, "broken")
try(require, "lib.none")
try(function() local a, b = ctx.app:url("/x"), ctx.list[2].a return a, b, #ctx.list, tostring(ctx.app) end)
try(function() for k, v in pairs(ctx) do keys[#keys + 1] = k .. tostring(v) end end)
try(function() ctx.run.id = 1 end)
try(function() return json.decode(json.encode({ a = json.array {}, b = json.null, c = { 1, 2.5, "é" }, d = ctx })) end)
try(json.decode, '[{"a":[]},')
try(json.encode, { f = print })
try(function() return host.line("a", 1, nil, ctx.app, "\xff"), host.raise("m") end)
try(function() return host.echo(ctx.app).app:url("/") end)
try(function() return host.entry({ 1, 2, name = 3, [true] = 4 }, try), host.entry(json.array {}, print), host.entry(ctx.list, pcall) end)
try(function() return host.lazy.x .. host.lazy.y, host.lazy[{}] end)
try(function() host.seed(1, 2) return math.random(9) end)
local function branch(n)
  local x <close> = mt
  for i = 1, n do try(host.echo, { i }, ctx.app) end
  try(host.fail, "x")
  if n == 2 then host.fail("y") end
  return host.pure(n), tostring(mt)
end
try(function()
  local results, failures = host.parallel { function() return branch(1) end, function() return branch(2) end, function() return branch(3) end }
  keys[#keys + 1] = #failures
  return results[1], tostring(failures[1] and failures[1].error)
end)
try(host.parallel, { function() table.sort({ 2, 1 }, function() return host.echo() end) end, function() host.parallel {} end })
return { keys = keys, n = math.random(5), list = { 1, 2, 3 } }
