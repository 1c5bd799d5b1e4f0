-- A stack that is Lua: two applications, of which one has to know where the other one is.
--
--   stack-deploy add stacks/pair
--   stack-deploy run pair --var name=Grace
--   stack-deploy show pair
--
-- What to look at:
-- - the fields are those of YAML; `require` takes what both applications share from a file beside this one.
-- - `names.out.host` is the text `${pair-names.host}`, and the reason why the greeter waits for the other one.
-- - the hook is a function, which runs in a sandbox of its own when it is due, and is checked by any editor that has `lua/types`.
local server = require("lib.server")

local s = stack("pair", {
  vars = { name = var.string { default = "Ada", doc = "who is greeted" } },
})

local names = s:app("names", server.app {
  id = "pair-names",
  answer = "$ENV{NAME}",
  env = { NAME = s.vars.name },
})

s:app("greeter", server.app {
  id = "pair-greeter",
  answer = "Hello, " .. server.fetched .. "!",
  env = { FROM = names.out.host .. ":" .. names.out.port0 },
  after_scheduler = function(ctx)
    local answer = http.get(ctx.app:url("/"))
    log.info("it says:", answer.body)
    if answer.body ~= "Hello, " .. vars.get("name") .. "!" then fail("the greeter greets somebody else") end
  end,
})

return s
