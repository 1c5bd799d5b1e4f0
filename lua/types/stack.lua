---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---What the hooks of a single task get.
---@class TaskHookContext: HookContext
---@field task TaskInfo The task.

---A Lua script of a hook; one of the two.
---@class HookScript
---@field lua? string Its text.
---@field lua_file? string The path of a file that comes with the stack.

---How it is told whether an application is healthy.
---@class HealthCheck
---@field protocol? "HTTP"|"TCP"|"COMMAND" How it is asked. Default: `HTTP`, or `COMMAND` where there is one.
---@field path? string With HTTP. Default: `/`.
---@field command? string With COMMAND.
---@field port? integer The place of the port among `ports`, from 0. Default: 0.
---@field interval? Duration The pause between two questions.
---@field timeout? Duration How long an answer may take.
---@field grace? Duration How long failures after a start do not count.
---@field failures? integer After how many failures in a row the task is killed; 0 for never.

---A port of a container.
---@class PortMapping
---@field container_port? integer Inside.
---@field host_port? integer On the machine; 0 is any.
---@field service_port? integer For load balancers.
---@field protocol? string `tcp` or `udp`.

---A folder of the machine, inside a container.
---@class Volume
---@field container_path? string Inside.
---@field host_path? string On the machine.
---@field mode? string `RO` or `RW`.

---The container of an application.
---@class Docker
---@field image? string The image.
---@field force_pull_image? boolean Fetch it even if it is there.
---@field network? string Such as `BRIDGE`.
---@field parameters? table<string, string>|[string, string][] Arguments of docker; a list of pairs keeps their order.
---@field port_mappings? PortMapping[] Ports of the container.
---@field privileged? boolean Whether it may do what the machine's root may.
---@field volumes? Volume[] Folders of the machine.

---The fields of an application. `json.null` empties one that is inherited.
---@class ApplicationFields
---@field type? string|JSONNull What it is, such as `service` or `kafka-mesos-0.9.x`.
---@field id? string|JSONNull Its id on the cluster, and before the dot in the names of its variables.
---@field version? string|JSONNull Its version, as text: `"0.10"`.
---@field cpu? number|JSONNull Shares of a CPU.
---@field mem? number|JSONNull MiB of memory.
---@field ports? integer[]|JSONNull The ports on which it is reached; 0 is any.
---@field instances? integer|string|JSONNull How many there are; `all` is one on each agent. Default: 1.
---@field constraints? string[][]|JSONNull Such as `{ { "hostname", "UNIQUE" } }`.
---@field user? string|JSONNull The user as whom it runs.
---@field healthcheck? string|HealthCheck|JSONNull A path that is asked for, or a table.
---@field launch_command? string|JSONNull The command that starts it.
---@field args? string[]|JSONNull Arguments for the image, in place of a command.
---@field env? table<string, string>|[string, string][]|JSONNull Environment variables.
---@field artifact_urls? string[]|JSONNull What is fetched before it starts.
---@field additional_artifacts? string[]|JSONNull More of the same.
---@field scheduler? table<string, string>|[string, string][]|JSONNull Flags behind the launch command; a list of pairs keeps their order.
---@field tasks? table<string, table>|[string, table][]|JSONNull What its scheduler is given to do, task by task; a list of pairs keeps their order.
---@field dependencies? string[]|JSONNull Ids of applications that must be done before it starts.
---@field docker? Docker|JSONNull The container that it runs in.
---@field start_time? string|JSONNull When a `run-once` application starts.
---@field time_schedule? string|JSONNull When it starts again and again.
---@field before_scheduler? fun(ctx: HookContext)|string|HookScript|(fun(ctx: HookContext)|string|HookScript)[]|JSONNull Runs before it is launched.
---@field after_scheduler? fun(ctx: HookContext)|string|HookScript|(fun(ctx: HookContext)|string|HookScript)[]|JSONNull Runs when it is healthy.
---@field before_task? fun(ctx: TaskHookContext)|string|HookScript|(fun(ctx: TaskHookContext)|string|HookScript)[]|JSONNull Runs before each task.
---@field after_task? fun(ctx: TaskHookContext)|string|HookScript|(fun(ctx: TaskHookContext)|string|HookScript)[]|JSONNull Runs after each task.
---@field after_tasks? fun(ctx: HookContext)|string|HookScript|(fun(ctx: HookContext)|string|HookScript)[]|JSONNull Runs after all tasks.

---What a stack says beside its applications.
---@class StackFields
---@field from? string The stack that it inherits from.
---@field layer? "zone"|"cluster"|"datacenter"|integer For a layer: its level.
---@field grants? string[] What its scripts may do outside of the run. Left out: everything that the server grants.
---@field vars? table<string, Variable> The variables that a run may be given.
---@field run? fun(ctx: RunContext) Called in place of walking the graph; such a stack has no applications of its own.
---@field namespace? string Has no meaning.

---What is said of a variable.
---@class VariableOptions
---@field default? string|number|boolean Its value where a run is given none. Without it, a run has to be given one.
---@field min? number The smallest number that it may be.
---@field max? number The largest number that it may be.
---@field choices? (string|number)[] All values that it may have.
---@field doc? string What it is for.

---A declared variable.
---@class Variable

---Texts that stand for the variables of an application.
---@class Outputs
---@field [string] string

---An application of the stack that is being declared. It is read-only.
---@class Application
---@field id? string Its id, if it was given one.
---@field out Outputs The variables that it sets: `zk.out.zkConnect` is the text `${<id>.zkConnect}`. Who uses it waits for the application.

---What `stack` returns. It is read-only.
---@class Stack
---@field vars table<string, string> The declared variables: `s.vars.brokers` is the text `${brokers}`. One that is not declared is an error.
local Stack = {}

---Adds an application, with the fields as they are at that moment.
---@param key string Its key in the stack, by which a child changes it.
---@param fields ApplicationFields|JSONNull The fields, named as in YAML; `json.null` removes an application that is inherited.
---@return Application
function Stack:app(key, fields) end

---Declares the stack of this file, once. The file returns it: `return s`.
---@param name string The stack's name.
---@param fields? StackFields What it says beside its applications.
---@return Stack
function stack(name, fields) end

---Variables that a stack declares.
---@class var
var = {}

---A variable for `vars` whose values are texts.
---@param options? VariableOptions What is allowed, and what it is for.
---@return Variable
function var.string(options) end

---A variable for `vars` whose values are whole numbers.
---@param options? VariableOptions What is allowed, and what it is for.
---@return Variable
function var.integer(options) end

---A variable for `vars` whose values are numbers.
---@param options? VariableOptions What is allowed, and what it is for.
---@return Variable
function var.number(options) end

---A variable for `vars` whose values are `true` or `false`.
---@param options? VariableOptions What is allowed, and what it is for.
---@return Variable
function var.boolean(options) end
