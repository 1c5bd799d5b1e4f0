---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---The variables of the run.
---@class vars
vars = {}

---The value of a variable as this step sees it; nil if there is none.
---@param name string The variable, without `${` and `}`.
---@return string?
function vars.get(name) end

---Sets a variable of the run, for what comes after this step.
---@param name string The variable, without `${` and `}`.
---@param value string Its new value.
function vars.set(name, value) end

---All variables as this step sees them.
---@return table<string, string>
function vars.all() end
