assert(not pcall(coroutine.yield))
local co = coroutine.running()
assert(not coroutine.resume(co))
assert(not pcall(coroutine.wrap(function() return coroutine.resume(co) end)) or true)
local dead = coroutine.wrap(function() end)
dead()
while true do pcall(dead) end
