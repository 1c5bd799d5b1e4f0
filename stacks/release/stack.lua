-- A version goes to staging, and to production when somebody has approved it.
--
--   stack-deploy add stacks/release
--   stack-deploy run release --var version=1                in one terminal
--   stack-deploy approve 1 production                       in another one
--
-- What to look at:
-- - `approval` waits for a person: an hour, or a week. The script keeps no process meanwhile, and the server may be restarted.
-- - who has approved, and when, is the answer, and stands in the events of the run.
-- - `status` says what the run waits for.
local function definition(place, version)
  return {
    id = "/release/" .. place,
    cmd = "exec sleep 100000",
    env = { VERSION = version, PLACE = place },
    cpus = 0.1,
    mem = 16,
    instances = 1,
  }
end

local s = stack("release", {
  vars = {
    version = var.string { doc = "the version that is released" },
    patience = var.string { default = "24h", doc = "how long an approval is waited for" },
  },

  run = function()
    local version = assert(vars.get("version"))
    local staging = marathon.deploy(definition("staging", version))
    wait_healthy(staging, { timeout = "2m" })

    local approved = approval("production", { timeout = assert(vars.get("patience")) })
    log.info("version", version, "was approved by", approved.by, "at", approved.at)

    wait_healthy(marathon.deploy(definition("production", version)), { timeout = "5m" })
    marathon.destroy(staging)
  end,
})

return s
