-- A stack without applications: a run of it is its function, which brings up a new version beside the former one and removes that
-- one when the new one answers as it should.
--
--   stack-deploy add stacks/blue-green
--   stack-deploy run blue-green --var version=1
--   stack-deploy run blue-green --var version=2
--   stack-deploy run blue-green --var version=broken      fails, and 2 runs on
--   stack-deploy down blue-green
--
-- What to look at:
-- - the variables are declared: a run without `version`, or with `--var instances=many`, is refused before anything happens.
-- - which color is active is a document, which the next run finds, and a killed server writes no second time.
-- - while it waits, `status` says for what: "run: waits for wait_healthy /blue-green-blue: …"; and beneath what has become of each color.
local versions = require("lib.versions")

local names = { blue = "blue-green-blue", green = "blue-green-green" }

return stack("blue-green", {
  vars = {
    version = var.string { doc = "what is brought up" },
    instances = var.integer { default = 2, min = 1, max = 10, doc = "how many of each color" },
  },
  run = function(ctx)
    -- Variables that are declared have a value, as text.
    local version = assert(vars.get("version"))
    local instances = assert(math.tointeger(tonumber(vars.get("instances"))))
    local active = cassandra.get("active")
    local former = active and active.color
    local color = former == "green" and "blue" or "green"
    local app = marathon.deploy(versions.spec(names[color], version, instances))

    local isGood, problem = pcall(function()
      local healthy = wait_healthy(app, { timeout = "15s" })
      local answer = http.get(healthy:url("/")).body
      if answer ~= "version " .. version .. "\n" then fail("it answers: " .. answer) end
    end)
    if not isGood then
      marathon.destroy(app)
      error(problem, 0)
    end

    cassandra.put("active", { color = color, version = version, run = ctx.run.id, at = time.now() })
    if former and marathon.get(names[former]) then marathon.destroy(names[former]) end
    log.info("version", version, "is", color)
  end,
})
