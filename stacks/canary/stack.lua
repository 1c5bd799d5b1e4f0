-- A new version is tried on one instance before the application gets it. Where that instance is not healthy, or does not answer as it
-- should, the run ends there and the former version runs on.
--
--   stack-deploy add stacks/canary
--   stack-deploy run canary --var version=1
--   stack-deploy run canary --var version=2
--   stack-deploy run canary --var version=broken      fails, and 2 runs on
--
-- What to look at:
-- - the stack declares an application as YAML would; its hook is a function, which a run calls before the launch.
-- - the hook deploys, waits and asks; an error of the host that it catches is a table: what was called, why it failed, with the end
--   of the task's log.
-- - `require` loads a file that came with the stack; `add` sends it along.
local server = require("server")

local s = stack("canary", { vars = { version = var.string { doc = "the version that is to run" } } })

s:app("web", {
  type = "service",
  id = "canary-web",
  cpu = 0.1,
  mem = 32,
  instances = 2,
  launch_command = server.command,
  env = { VERSION = s.vars.version },
  healthcheck = { protocol = "HTTP", path = "/health", interval = "200ms", grace = "10s", timeout = "1s" },

  before_scheduler = function(ctx)
    if not marathon.get(ctx.app) then
      log.info("the first version has nothing to be compared with")
      return
    end
    local version = assert(vars.get("version"))
    local canary = marathon.deploy(server.definition(ctx.app.id .. "-canary", version, 1))
    local isGood, problem = pcall(function() server.check(wait_healthy(canary, { timeout = "8s" }), version) end)
    -- It has done what it was for, however that went.
    marathon.destroy(canary)
    if not isGood then error(problem, 0) end
    log.info("version", version, "was good enough")
  end,
})

return s
