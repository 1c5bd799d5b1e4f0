-- Workers that do not need each other, brought up at the same time; one that does not come up is tried again, with the others going on.
--
--   stack-deploy add stacks/fan-out
--   stack-deploy run fan-out
--   stack-deploy run fan-out --var workers=8 --var flaky=3      worker 3 does not come up at its first attempt
--
-- What to look at:
-- - `parallel` calls functions at the same time and waits for all of them. Each waits for its own application.
-- - `retry` tries a function again when it raises an error, after a pause that grows.
-- - `run --prune` removes the workers that a smaller number leaves over.

--- A worker that does nothing, or ends at once where it is the flaky one and this is its first attempt.
local command = '[ "$WORKER" != "$FLAKY" ] || [ "$ATTEMPT" -gt 1 ] || exit 3; exec sleep 100000'

local s = stack("fan-out", {
  vars = {
    workers = var.integer { default = 4, min = 1, max = 32, doc = "how many workers run" },
    flaky = var.integer { default = 0, min = 0, doc = "the worker that does not come up at first; 0 for none" },
  },

  run = function()
    local branches = {}
    for number = 1, math.tointeger(vars.get("workers")) do
      branches[number] = function()
        return retry({ attempts = 3, backoff = "1s" }, function(attempt)
          local worker = marathon.deploy {
            id = "/fan-out/worker-" .. number,
            cmd = command,
            env = { WORKER = tostring(number), FLAKY = vars.get("flaky"), ATTEMPT = tostring(attempt) },
            cpus = 0.1,
            mem = 16,
            instances = 1,
            healthChecks = {
              { protocol = "COMMAND", command = { value = "true" }, delaySeconds = 1, intervalSeconds = 1, gracePeriodSeconds = 5 },
            },
          }
          local isUp, problem = pcall(wait_healthy, worker, { timeout = "10s" })
          if not isUp then
            -- The next attempt shall not wait for the deployment of this one.
            marathon.destroy(worker)
            error(problem, 0)
          end
          log.info("worker", number, "is up at attempt", attempt)
          return worker.id
        end)
      end
    end
    local ids = parallel(branches)
    log.info(ids.n, "workers are up")
  end,
})

return s
