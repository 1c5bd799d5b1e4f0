---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Commands on the server's machine.
---@class shell
shell = {}

---Runs a shell command on the server's machine and waits for its end. It goes on where the server is stopped or killed, and the next server takes it up. Every exit code is an answer. The error `timeout` has what it wrote in `details`.
---@param command string For `sh`, as many lines as it takes. At most 128 KiB.
---@param options? ShellOptions What else.
---@return ShellResult
function shell.run(command, options) end
