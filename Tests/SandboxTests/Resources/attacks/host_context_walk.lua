local k
repeat k = next(ctx, k) until k == nil
print(pcall(next, ctx, {}), pcall(next, ctx.list, 99), pcall(next, ctx.app, "url"), select("#", table.unpack(ctx.list, 1, 200)))
print(pcall(table.unpack, ctx.list, 1, 1e9), pcall(table.concat, ctx.list, ",", 1, 1e9), rawlen(ctx), rawequal(ctx, ctx), rawget(ctx, ctx))
while true do for a, b in pairs(ctx) do for c in pairs(_G) do rawget(ctx, c) end end end
