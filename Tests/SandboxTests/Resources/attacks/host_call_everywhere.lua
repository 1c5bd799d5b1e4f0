local t = setmetatable({}, { __index = function(_, k) return hash.sha256(k) end, __concat = function(a, b) return uuid() end, __eq = function() return fail("eq") end, __lt = function() return time.now() < "3" end,
  __call = function(_, ...) return retry({ backoff = "1ms" }, ...) end, __len = function() return #uuid() end, __unm = function() return wait_for("x", { timeout = "1ms" }, print) end, __close = function() log.info("closed") end })
do local x <close> = t end
print(t.a, t .. t, pcall(function() return t == setmetatable({}, getmetatable(t)) end), t < t, #t, pcall(t, print), pcall(function() return -t end))
print(("abc"):gsub(".", hash.sha1), pcall(table.sort, { 1, 2, 3, 4 }, function() return uuid() < uuid() end))
local co = coroutine.wrap(function() for _ = 1, 100 do coroutine.yield(uuid()) end end)
for _ = 1, 100 do co() end
