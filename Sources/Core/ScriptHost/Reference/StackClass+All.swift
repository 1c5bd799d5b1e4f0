import StackModel

extension StackClass {
  /// Innermost first.
  static let all = [
    taskContext, hookScript, healthCheck, portMapping, volume, docker, application, stackFields, variableOptions,
    variable,
    outputs, applicationObject, stackObject,
  ]

  static let functions = [
    Function(
      name: "stack",
      parameters: [
        Field("name", "string", isOptional: false, "The stack's name."),
        Field("fields", "StackFields", "What it says beside its applications."),
      ], result: "Stack", doc: "Declares the stack of this file, once. The file returns it: `return s`.")
  ]

  /// Those of the module `var`.
  static let variables = VariableDeclaration.Kind.allCases.map { kind in
    Function(
      name: "var.\(kind.rawValue)",
      parameters: [Field("options", "VariableOptions", "What is allowed, and what it is for.")], result: "Variable",
      doc: "A variable for `vars` whose values are \(plural(kind)).")
  }

  private static func plural(_ kind: VariableDeclaration.Kind) -> String {
    switch kind {
    case .string: "texts"
    case .integer: "whole numbers"
    case .number: "numbers"
    case .boolean: "`true` or `false`"
    }
  }

  // MARK: objects

  private static let stackObject = StackClass(
    name: "Stack", doc: "What `stack` returns. It is read-only.",
    fields: [
      Field(
        "vars", "table<string, string>", isOptional: false,
        "The declared variables: `s.vars.brokers` is the text `${brokers}`. One that is not declared is an error.")
    ],
    methods: [
      Function(
        name: "app",
        parameters: [
          Field("key", "string", isOptional: false, "Its key in the stack, by which a child changes it."),
          Field(
            "fields", "ApplicationFields|JSONNull", isOptional: false,
            "The fields, named as in YAML; `json.null` removes an application that is inherited."),
        ], result: "Application",
        doc: "Adds an application, with the fields as they are at that moment.")
    ])

  private static let applicationObject = StackClass(
    name: "Application", doc: "An application of the stack that is being declared. It is read-only.",
    fields: [
      Field("id", "string", "Its id, if it was given one."),
      Field(
        "out", "Outputs", isOptional: false,
        "The variables that it sets: `zk.out.zkConnect` is the text `${<id>.zkConnect}`. Who uses it waits for the application."
      ),
    ])

  private static let outputs = StackClass(
    name: "Outputs", doc: "Texts that stand for the variables of an application.", others: "string")

  private static let variable = StackClass(name: "Variable", doc: "A declared variable.")

  private static let variableOptions = StackClass(
    name: "VariableOptions", doc: "What is said of a variable.",
    fields: [
      Field(
        "default", "string|number|boolean",
        "Its value where a run is given none. Without it, a run has to be given one."),
      Field("min", "number", "The smallest number that it may be."),
      Field("max", "number", "The largest number that it may be."),
      Field("choices", "(string|number)[]", "All values that it may have."),
      Field("doc", "string", "What it is for."),
    ])

  // MARK: fields

  private static let stackFields = StackClass(
    name: "StackFields", doc: "What a stack says beside its applications.",
    fields: [
      Field("from", "string", "The stack that it inherits from."),
      Field("layer", "\"zone\"|\"cluster\"|\"datacenter\"|integer", "For a layer: its level."),
      Field(
        "grants", "string[]", "What its scripts may do outside of the run. Left out: everything that the server grants."
      ),
      Field("vars", "table<string, Variable>", "The variables that a run may be given."),
      Field(
        "run", "fun(ctx: RunContext)",
        "Called in place of walking the graph; such a stack has no applications of its own."),
      Field("namespace", "string", "Has no meaning."),
    ])

  private static let application = StackClass(
    name: "ApplicationFields", doc: "The fields of an application. `json.null` empties one that is inherited.",
    fields: ApplicationField.allCases.map(field))

  private static let map = "table<string, string>|[string, string][]"

  private static func field(_ field: ApplicationField) -> Field {
    let (type, doc): (String, String) =
      switch field {
      case .type: ("string", "What it is, such as `service` or `kafka-mesos-0.9.x`.")
      case .id: ("string", "Its id on the cluster, and before the dot in the names of its variables.")
      case .version: ("string", "Its version, as text: `\"0.10\"`.")
      case .cpu: ("number", "Shares of a CPU.")
      case .mem: ("number", "MiB of memory.")
      case .ports: ("integer[]", "The ports on which it is reached; 0 is any.")
      case .instances: ("integer|string", "How many there are; `all` is one on each agent. Default: 1.")
      case .constraints: ("string[][]", "Such as `{ { \"hostname\", \"UNIQUE\" } }`.")
      case .user: ("string", "The user as whom it runs.")
      case .healthcheck: ("string|HealthCheck", "A path that is asked for, or a table.")
      case .launchCommand: ("string", "The command that starts it.")
      case .args: ("string[]", "Arguments for the image, in place of a command.")
      case .env: (map, "Environment variables.")
      case .artifactURLs: ("string[]", "What is fetched before it starts.")
      case .additionalArtifacts: ("string[]", "More of the same.")
      case .scheduler: (map, "Flags behind the launch command; a list of pairs keeps their order.")
      case .tasks:
        (
          "table<string, table>|[string, table][]",
          "What its scheduler is given to do, task by task; a list of pairs keeps their order."
        )
      case .dependencies: ("string[]", "Ids of applications that must be done before it starts.")
      case .docker: ("Docker", "The container that it runs in.")
      case .startTime: ("string", "When a `run-once` application starts.")
      case .timeSchedule: ("string", "When it starts again and again.")
      case .beforeScheduler: (hook, "Runs before it is launched.")
      case .afterScheduler: (hook, "Runs when it is healthy.")
      case .beforeTask: (taskHook, "Runs before each task.")
      case .afterTask: (taskHook, "Runs after each task.")
      case .afterTasks: (hook, "Runs after all tasks.")
      }
    return Field(field.rawValue, "\(type)|JSONNull", doc)
  }

  private static let hook = hook("HookContext")
  private static let taskHook = hook("TaskHookContext")

  private static func hook(_ context: String) -> String {
    let entry = "fun(ctx: \(context))|string|HookScript"
    return "\(entry)|(\(entry))[]"
  }

  private static let taskContext = StackClass(
    name: "TaskHookContext", parent: "HookContext", doc: "What the hooks of a single task get.",
    fields: [Field("task", "TaskInfo", isOptional: false, "The task.")])

  private static let hookScript = StackClass(
    name: "HookScript", doc: "A Lua script of a hook; one of the two.",
    fields: [
      Field("lua", "string", "Its text."), Field("lua_file", "string", "The path of a file that comes with the stack."),
    ])

  private static let healthCheck = StackClass(
    name: "HealthCheck", doc: "How it is told whether an application is healthy.",
    fields: [
      Field(
        "protocol", "\"HTTP\"|\"TCP\"|\"COMMAND\"", "How it is asked. Default: `HTTP`, or `COMMAND` where there is one."
      ),
      Field("path", "string", "With HTTP. Default: `/`."), Field("command", "string", "With COMMAND."),
      Field("port", "integer", "The place of the port among `ports`, from 0. Default: 0."),
      Field("interval", "Duration", "The pause between two questions."),
      Field("timeout", "Duration", "How long an answer may take."),
      Field("grace", "Duration", "How long failures after a start do not count."),
      Field("failures", "integer", "After how many failures in a row the task is killed; 0 for never."),
    ])

  private static let docker = StackClass(
    name: "Docker", doc: "The container of an application.",
    fields: [
      Field("image", "string", "The image."), Field("force_pull_image", "boolean", "Fetch it even if it is there."),
      Field("network", "string", "Such as `BRIDGE`."),
      Field("parameters", map, "Arguments of docker; a list of pairs keeps their order."),
      Field("port_mappings", "PortMapping[]", "Ports of the container."),
      Field("privileged", "boolean", "Whether it may do what the machine's root may."),
      Field("volumes", "Volume[]", "Folders of the machine."),
    ])

  private static let portMapping = StackClass(
    name: "PortMapping", doc: "A port of a container.",
    fields: [
      Field("container_port", "integer", "Inside."), Field("host_port", "integer", "On the machine; 0 is any."),
      Field("service_port", "integer", "For load balancers."), Field("protocol", "string", "`tcp` or `udp`."),
    ])

  private static let volume = StackClass(
    name: "Volume", doc: "A folder of the machine, inside a container.",
    fields: [
      Field("container_path", "string", "Inside."), Field("host_path", "string", "On the machine."),
      Field("mode", "string", "`RO` or `RW`."),
    ])
}
