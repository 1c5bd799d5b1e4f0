---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Applications on the cluster.
---@class marathon
marathon = {}

---Brings an application onto the cluster and returns when Marathon has taken it; it may not run yet. One that is there as it is wanted is left alone, one that differs is updated. The stack owns it from then on: `down` removes it.
---@param spec table<string, JSONValue> The application as Marathon defines it: `id`, `cmd`, `cpus`, `mem`, `instances`, `healthChecks` and so on.
---@return App
function marathon.deploy(spec) end

---Changes how many instances of an application run that the stack owns.
---@param app App|string The application.
---@param instances integer How many are to run.
---@return App
function marathon.scale(app, instances) end

---Replaces all tasks of an application that the stack owns, under its upgrade strategy, and returns when Marathon has begun; `wait_healthy` waits until all have been replaced.
---@param app App|string The application.
---@return App
function marathon.restart(app) end

---Removes an application that the stack owns, and returns when its tasks have ended. False if there was none.
---@param app App|string The application.
---@return boolean
function marathon.destroy(app) end

---An application on the cluster, whoever has deployed it; nil if there is none.
---@param app App|string The application.
---@return App?
function marathon.get(app) end

---Applications on the cluster, in the order of their ids. Their endpoints are not looked for.
---@param filter? { prefix?: string, label?: string } Which ones.
---@return App[]
function marathon.list(filter) end

---The tasks of an application on the cluster.
---@param app App|string The application.
---@return TaskStatus[]
function marathon.tasks(app) end

---What the cluster says of itself.
---@return { id: string, version: string, master?: string }
function marathon.info() end
