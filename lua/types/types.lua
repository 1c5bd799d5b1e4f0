---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---A time such as `10m`, `1m30s` or `500ms`; units are h, m, s, ms, us and ns.
---@alias Duration string

---A number of bytes such as `512MiB`; units are B, KiB, MiB, GiB and TiB.
---@alias Size string

---What `json.null` is.
---@alias JSONNull userdata

---Anything that JSON has. `json.null` stands for null.
---@alias JSONValue string|number|boolean|table|JSONNull

---What functions of the host raise.
---@class HostError
---@field code ErrorCode What happened.
---@field op string The function that was called.
---@field message string What happened, for people.
---@field retryable boolean Whether the same call may succeed later.
---@field details? any More of it.
---@field cause? string What lies behind it.

---@alias ErrorCode
---| "invalid_argument" # An argument is not what the function takes. All that is wrong is told at once.
---| "not_found" # What was named does not exist.
---| "conflict" # Something else is under way, or has changed meanwhile.
---| "failed" # The script said so, with `fail`.
---| "http_status" # An answer's status was none of success.
---| "timeout" # It took longer than was allowed.
---| "unavailable" # It is not there now, and may be later.
---| "denied" # The script may not do this.
---| "cancelled" # The run was cancelled. Every further call raises it again.
---| "budget_exceeded" # A budget is used up. Every further call raises it again.
---| "internal" # The host failed; its log says more.

---@class RetryOptions
---@field attempts? integer How often the function is called, 1 to 1000. Default: `3`.
---@field backoff? Duration The pause after the first failure; it doubles after each, up to a minute. Default: `"1s"`.

---@class WaitOptions
---@field timeout Duration How long, such as `10m`.
---@field every? Duration The pause between two looks, 10ms at least. Default: `"1s"`.

---@class TaskStatus
---@field id string Marathon's id of the task.
---@field host string Where it runs.
---@field ports integer[] In the order of the application's.
---@field state string As Mesos names it: `TASK_RUNNING`.
---@field healthy? boolean What its health checks say; nil if none has yet.

---@class HTTPOptions
---@field query? table<string, JSONValue> Strings, numbers and booleans that are added to the URL.
---@field headers? table<string, string> Headers of the request.
---@field timeout? Duration For all of it; at most `10m`. Default: `"30s"`.
---@field limit? Size How large the answer's body may be; at most `2MiB`. Default: `1048576`.

---@class HTTPAnswer
---@field status integer Such as 200. Redirects are not followed: they are answers, too.
---@field headers table<string, string> By their names in small letters.
---@field body? string The body, where it is text in UTF-8.
---@field bytes? string The body as base64, where it is no text.
---@field json? JSONValue What the body says, where it is JSON.

---@class HTTPPostOptions
---@field query? table<string, JSONValue> Strings, numbers and booleans that are added to the URL.
---@field headers? table<string, string> Headers of the request.
---@field timeout? Duration For all of it; at most `10m`. Default: `"30s"`.
---@field limit? Size How large the answer's body may be; at most `2MiB`. Default: `1048576`.
---@field json? JSONValue The body, as JSON. At most 1 MiB.
---@field body? string The body as it is. At most 1 MiB.
---@field idempotent? boolean Whether twice is as good as once: then it is sent again, where a server was killed while it was on its way. Default: `false`.

---@class HTTPPutOptions
---@field query? table<string, JSONValue> Strings, numbers and booleans that are added to the URL.
---@field headers? table<string, string> Headers of the request.
---@field timeout? Duration For all of it; at most `10m`. Default: `"30s"`.
---@field limit? Size How large the answer's body may be; at most `2MiB`. Default: `1048576`.
---@field json? JSONValue The body, as JSON. At most 1 MiB.
---@field body? string The body as it is. At most 1 MiB.

---@class ShellOptions
---@field timeout? Duration When it is ended, with everything that it has started; at most `24h`. Default: `"10m0s"`.
---@field env? table<string, string> Variables of its environment, beside the server's.

---@class ShellResult
---@field status integer Its exit code; 128 and the signal's number, where one ended it.
---@field stdout string The last 64 KiB of its standard output.
---@field stderr string The last 64 KiB of its standard error.

---@class RunInfo
---@field id string The run's id.
---@field stack string The stack that is run.
---@field zone? string The zone that it is run in.

---@class TaskInfo
---@field name string Its name in the stack.
---@field values? table<string, string> Its fields in the stack as texts, variables replaced; those that are not known yet are not there.

---@class HookContext
---@field run RunInfo The run that the hook belongs to.
---@field hook string The hook's field, such as `after_task`.
---@field app App The application that the hook belongs to.
---@field task? TaskInfo The task, in hooks around a single one.

---@class RunContext
---@field run RunInfo The run.

---An application on the cluster, as the answer described it that it came with.
---@class App
---@field id string What it is called on the cluster.
---@field endpoints? string[] `host:port` of each instance that runs, the healthy ones first; the port is the first one.
local App = {}

---`host:port` of an instance, a healthy one if there is one. Raises `unavailable` while none runs.
---@return string
function App:endpoint() end

---The address of a path on the endpoint, with `http://`.
---@param path? string The path, with a query if there is one. Default: `"/"`.
---@return string
function App:url(path) end

---What a hook gets, also as its first argument.
---@type HookContext
ctx = nil
