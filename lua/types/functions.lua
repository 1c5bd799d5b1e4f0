---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Ends the script as failed, unless the error that it raises is caught.
---@param message string What went wrong, for people.
---@param details? JSONValue More of it, for programs.
function fail(message, details) end

---Waits until a person approves. The script keeps no process meanwhile. One that is not wanted is refused by cancelling the run.
---@param name string What is to be approved, for people and for `stack-deploy approve RUN NAME`.
---@param options? { timeout?: Duration } How long.
---@return { by: string, at: string }
function approval(name, options) end

---Runs functions by turns: one runs until it calls for something that takes time; while it waits, the others go on. Returns when all have ended, with the first result of each at its place and their number as `n`. Where functions fail, the error that came first is raised when all have ended; the others are lines of the log. Inside of a branch no call can wait in the middle of `table.sort`, `string.gsub`, `tostring`, `require` or a coroutine of the script, and `parallel` itself cannot be called.
---@generic T
---@param branches (fun(): T)[] Functions without arguments, at most 100.
---@return { [integer]: T?, n: integer }
function parallel(branches) end

---Calls a function until it raises nothing, and returns what it returns. After the last attempt its error is raised again; an error of the host that is not `retryable` at once.
---@generic T
---@param options RetryOptions How often, and with what pauses.
---@param fn fun(attempt: integer): T What is tried. It gets the number of the attempt, from 1.
---@return T
function retry(options, fn) end

---Calls a function again and again until it returns something else than `nil` and `false`, and returns that. Errors of the host that are `retryable` count as not yet, others are raised. After 30 s the script keeps no worker between two looks, and is run again for each: the pause is `every`, but then at least 10 s and a tenth of what it has waited, up to 10 min.
---@generic T
---@param what string What is waited for, for people: `the brokers`.
---@param options WaitOptions How long, and how often.
---@param fn fun(): T Looks, and returns what is waited for, or `nil` or `false` while it is not there.
---@return T
function wait_for(what, options, fn) end

---Waits until an application is healthy; one without health checks is when its tasks run. The error `timeout` says what it was waiting for, `details.log` has the end of its task's standard error.
---@param app App|string The application.
---@param options? { timeout?: Duration, instances?: integer } How long, and how many.
---@return App
function wait_healthy(app, options) end

---A UUID of version 4 that follows from run, step and call: another one at each call, and the same ones when a run is taken up again. It can be guessed, so it is no secret.
---@return string
function uuid() end
