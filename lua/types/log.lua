---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Lines for the run's log.
---@class log
log = {}

---Writes a line that is seen by who looks for details.
---@param ... any Anything: the texts of the values, as `tostring` gives them, with spaces between them.
function log.debug(...) end

---Writes a line into the run's log. `print` is the same, where it does not write to standard output.
---@param ... any Anything: the texts of the values, as `tostring` gives them, with spaces between them.
function log.info(...) end

---Writes a line about what may become a problem.
---@param ... any Anything: the texts of the values, as `tostring` gives them, with spaces between them.
function log.warn(...) end

---Writes a line about what went wrong. The script goes on.
---@param ... any Anything: the texts of the values, as `tostring` gives them, with spaces between them.
function log.error(...) end
