import ScriptHost
import StackModel
import Testing

/// A stack of Kafka and what it needs, as its author writes it in Lua and in YAML.
struct WholeStackTests {
  private static let lua = """
    local s = stack("exhibitor-kafka", {
      vars = { brokers = var.integer { default = 3, min = 1, max = 32, doc = "number of brokers" } },
    })

    local zk = s:app("exhibitor-mesos", {
      type = "exhibitor-mesos-0.1.x", id = "exhibitor-mesos", cpu = 0.1, mem = 512, ports = { 31991 },
      launch_command = "java -jar mesos-exhibitor-0.1.jar scheduler",
      scheduler = { api = "http://$HOST:$PORT0", master = "${mesos.master}" },
      tasks = { { "exhibitors", { id = "0..2", cpu = 0.1, mem = 1024, constraints = "hostname=unique" } } },
    })

    s:app("kafka-mesos", {
      type = "kafka-mesos-0.9.x", id = "kafka-mesos", cpu = 0.1, mem = 512,
      launch_command = "./kafka-mesos.sh scheduler",
      scheduler = { master = "${mesos.master}", zk = zk.out.zkConnect, brokers = s.vars.brokers },
      tasks = { { "brokers", { id = "0..2", mem = 1024 } } },
      before_task = function(ctx) log.info("starting", ctx.task.name) end,
      after_task = function(ctx)
        local topics = http.get(ctx.app:url("/api/topic/list")).json
        if not topics.audit then http.post(ctx.app:url("/api/topic/add"), { query = { topic = "audit" } }) end
      end,
    })

    return s
    """

  private static let yaml = """
    name: exhibitor-kafka
    vars:
      brokers: {type: integer, default: 3, min: 1, max: 32, doc: number of brokers}
    applications:
      exhibitor-mesos:
        type: exhibitor-mesos-0.1.x
        id: exhibitor-mesos
        cpu: 0.1
        mem: 512
        ports: [31991]
        launch_command: java -jar mesos-exhibitor-0.1.jar scheduler
        scheduler: {api: "http://$HOST:$PORT0", master: "${mesos.master}"}
        tasks:
          exhibitors: {constraints: "hostname=unique", cpu: 0.1, id: "0..2", mem: 1024}
      kafka-mesos:
        type: kafka-mesos-0.9.x
        id: kafka-mesos
        cpu: 0.1
        mem: 512
        launch_command: ./kafka-mesos.sh scheduler
        scheduler: {brokers: "${brokers}", master: "${mesos.master}", zk: "${exhibitor-mesos.zkConnect}"}
        tasks:
          brokers: {id: "0..2", mem: 1024}
        dependencies: [exhibitor-mesos]
    """

  @Test func bothAreTheSameStack() async throws {
    var declared = try await Declaring.stack(Self.lua)
    let hooks = try #require(declared.applications["kafka-mesos"]?.hooks)
    #expect(
      HookPlace.allCases.map { hooks[$0].map(\.isScript) } == [[], [], [true], [true], []], "functions are Lua's alone")
    #expect(
      declared.scripts.map(\.script) == [
        HookScript(
          .function(.hook(application: "kafka-mesos", .beforeTask, index: 0)), file: "stack.lua", line: 17),
        HookScript(.function(.hook(application: "kafka-mesos", .afterTask, index: 0)), file: "stack.lua", line: 18),
      ])
    declared.applications["kafka-mesos"]?.hooks = Hooks()
    let check = StackCheck.check(Array(Self.yaml.utf8))
    #expect(check.diagnostics == [])
    #expect(declared == check.stack)
  }

  @Test func variablesAreSaidInFull() async throws {
    let stack = try await Declaring.stack(
      """
      return stack("k", { vars = {
        name = var.string { default = "Ada", choices = { "Ada", "Bob" } }, size = var.integer { default = 3, choices = { 1, 3 } },
        rate = var.number { min = 0.5, default = 1 }, fast = var.boolean { default = true, doc = "quick" }, must = var.string(),
      } })
      """)
    #expect(stack.variables["name"] == VariableDeclaration(.string, standard: "Ada", choices: ["Ada", "Bob"]))
    #expect(stack.variables["size"] == VariableDeclaration(.integer, standard: "3", choices: ["1", "3"]))
    #expect(stack.variables["rate"]?.minimum == 0.5)
    #expect(stack.variables["rate"]?.standard == "1")
    #expect(stack.variables["fast"] == VariableDeclaration(.boolean, standard: "true", doc: "quick"))
    #expect(stack.variables["must"] == VariableDeclaration(.string))
  }

  @Test(arguments: [
    ("var.integer { defualt = 3 }", "vars.v.defualt: unknown field, ignored (did you mean \"default\"?)"),
    ("var.integer { default = 'x' }", "vars.v.default: "),
    ("var.integer { default = 40, max = 32 }", "vars.v.default: "),
    ("var.string { doc = 5 }", "vars.v.doc: expected a text, found the number 5 (write \"5\")"),
    ("var.integer { min = '1' }", "vars.v.min: expected a number, found the text \"1\" (take away the quotes)"),
    ("5", "vars.v: expected a map"),
    ("var.string { default = function() end }", "vars.v.default: expected "),
  ])
  func whatIsWrongWithAVariableIsTold(variable: String, message: String) async throws {
    let diagnostics = try await Declaring.diagnostics("\nreturn stack('k', { vars = { v = \(variable) } })")
    #expect(diagnostics.first?.hasPrefix("kafka/stack.lua:2:1: ") == true, "\(diagnostics)")
    #expect(diagnostics.first?.contains(": \(message)") == true, "\(diagnostics)")
  }
}
