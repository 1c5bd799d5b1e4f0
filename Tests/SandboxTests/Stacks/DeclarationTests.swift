import ScriptHost
import StackModel
import Testing

/// What a Lua file declares is what a YAML file says.
struct DeclarationTests {
  private func same(_ lua: String, _ yaml: String) async throws {
    let declared = try await Declaring.stack(lua)
    let check = StackCheck.check(Array(yaml.utf8))
    #expect(check.diagnostics == [])
    #expect(declared == check.stack)
    #expect(declared.json == check.stack?.json)
  }

  @Test func everyFieldIsThatOfYAML() async throws {
    try await same(
      """
      local s = stack("k", { from = "base", namespace = "n", layer = 1, grants = { "marathon.deploy:/k/*", "shell" } })
      s:app("web", {
        type = "service", id = "web", version = "0.10", cpu = 0.1, mem = 512, ports = { 31991, 31992 }, instances = "all",
        constraints = { { "hostname", "UNIQUE" }, { "rack", "LIKE", "r1" } }, user = "nobody", healthcheck = "/health",
        launch_command = "./web", args = { "-v", "x" }, env = { B = "2", A = "1" }, artifact_urls = { "http://a/1" },
        additional_artifacts = { "http://a/2" }, scheduler = { api = "x", zk = "${zk}" },
        tasks = { brokers = { id = "0..2", mem = 1024, cpu = 0.5, on = true, off = json.null, list = { 1, "a", { b = 2.0 } }, none = {} } },
        dependencies = { "db" },
        docker = { force_pull_image = true, image = "i", network = "BRIDGE", parameters = { hostname = "h" },
          port_mappings = { { container_port = 80, host_port = 0, service_port = 10, protocol = "tcp" } }, privileged = false,
          volumes = { { container_path = "/a", host_path = "/b", mode = "RO" } } },
        before_scheduler = { "a", "b" }, before_task = { { lua_file = "hooks/a.lua" } },
      })
      s:app("db", { type = "service", id = "db", healthcheck = { protocol = "TCP", port = 0, interval = "5s", failures = 3 } })
      return s
      """,
      """
      name: k
      from: base
      namespace: n
      layer: 1
      grants: ["marathon.deploy:/k/*", shell]
      applications:
        web:
          type: service
          id: web
          version: "0.10"
          cpu: 0.1
          mem: 512
          ports: [31991, 31992]
          instances: all
          constraints: [[hostname, UNIQUE], [rack, LIKE, r1]]
          user: nobody
          healthcheck: /health
          launch_command: ./web
          args: [-v, x]
          env: {A: "1", B: "2"}
          artifact_urls: ["http://a/1"]
          additional_artifacts: ["http://a/2"]
          scheduler: {api: x, zk: "${zk}"}
          tasks:
            brokers: {cpu: 0.5, id: "0..2", list: [1, a, {b: 2.0}], mem: 1024, none: {}, "off": null, "on": true}
          dependencies: [db]
          docker:
            force_pull_image: true
            image: i
            network: BRIDGE
            parameters: {hostname: h}
            port_mappings: [{container_port: 80, host_port: 0, service_port: 10, protocol: tcp}]
            privileged: false
            volumes: [{container_path: /a, host_path: /b, mode: RO}]
          before_scheduler: [a, b]
          before_task: [{lua_file: hooks/a.lua}]
        db:
          type: service
          id: db
          healthcheck: {protocol: TCP, port: 0, interval: 5s, failures: 3}
      """)
  }

  /// A stack that has a function may only take applications away, and a layer has none.
  @Test func aFunctionStandsAlone() async throws {
    let source = "local s = stack('k', { from = 'base', run = function() end })\ns:app('web', json.null)\nreturn s"
    #expect(try await Declaring.diagnostics(source) == [])
    var options = StackCheck.Options()
    options.isLayer = true
    let layer = try await Declaring.check("return stack('z', { run = function() end })", options: options)
    #expect(
      layer.diagnostics.map(\.description) == [
        "kafka/stack.lua:1:1: error: run: a layer has no function: only stacks are run, layers give fields and variables"
      ])
  }

  @Test func variablesAreThoseOfYAML() async throws {
    try await same(
      """
      return stack("k", { vars = {
        audit = var.boolean { default = false }, brokers = var.integer { default = 3, min = 1, max = 32.0, doc = "how many" },
        port = var.integer { choices = { 31000, 32000 }, default = 31000.0 }, ratio = var.number { default = 0.5 },
        region = var.string(), size = { choices = { "small", "large" }, default = "small" }, version = var.string { default = "0.10" },
      } })
      """,
      """
      name: k
      vars:
        audit: { type: boolean, default: false }
        brokers: { type: integer, default: 3, min: 1, max: 32, doc: how many }
        port: { type: integer, choices: [31000, 32000], default: 31000 }
        ratio: { type: number, default: 0.5 }
        region:
        size: { choices: [small, large], default: small }
        version: { default: "0.10" }
      """)
  }

  @Test func whatIsEmptyOrNullIsWhatTheFieldWants() async throws {
    try await same(
      """
      local s = stack("k", { from = "base", grants = {} })
      s:app("web", { ports = {}, env = {}, scheduler = json.null, tasks = {}, args = json.array {}, after_task = {}, cpu = json.null,
        healthcheck = json.null, docker = {} })
      s:app("gone", json.null)
      return s
      """,
      """
      name: k
      from: base
      grants: []
      applications:
        web: {ports: [], env: {}, scheduler: null, tasks: {}, args: [], after_task: [], cpu: null, healthcheck: null, docker: {}}
        gone: null
      """)
  }

  @Test func pairsKeepTheirOrder() async throws {
    try await same(
      """
      local s = stack("k")
      s:app("web", { id = "web", type = "service", scheduler = { { "z", "1" }, { "a", "2" } }, env = { { "Z", "1" }, { "A", "2" } },
        tasks = { { "z", { { "id", "0" }, { "cpu", 1 } } }, { 7, { b = 1, a = 2 } } }, docker = { parameters = { { "z", "1" }, { "a", "2" } } } })
      return s
      """,
      """
      name: k
      applications:
        web:
          id: web
          type: service
          scheduler: {z: "1", a: "2"}
          env: {Z: "1", A: "2"}
          tasks:
            z: {id: "0", cpu: 1}
            7: {a: 2, b: 1}
          docker: {parameters: {z: "1", a: "2"}}
      """)
  }

  @Test func instancesMayBeANumberAndALayerAName() async throws {
    let stack = try await Declaring.stack(
      "local s = stack('k', { layer = 'datacenter' }) s:app('a', { instances = 3 }) s:app('b', { instances = 2.0 }) return s"
    )
    #expect(stack.layer == 2)
    #expect(stack.applications.values.map(\.instances) == ["3", "2"])
  }

  @Test func functionsAreKnownByTheirPlaces() async throws {
    let stack = try await Declaring.stack(
      """
      local s = stack("k")
      local function shared() end
      s:app("web", {
        before_task = function(ctx)
        end,
        after_task = { "echo", function() end, { lua = "x" }, shared },
        after_tasks = "echo alone",
        before_scheduler = require("lib.hooks").up,
      })
      return s
      """, modules: ["lib/hooks.lua": "return {\n\n\nup = function() end }"])
    let hooks = try #require(stack.applications["web"]?.hooks)
    func function(_ place: HookPlace, _ index: Int, _ line: Int) -> HookCommand {
      .lua(HookScript(.function(.hook(application: "web", place, index: index)), file: "stack.lua", line: line))
    }
    #expect(hooks.beforeTask == [function(.beforeTask, 0, 4)])
    #expect(hooks.afterTask.count == 4)
    #expect(hooks.afterTask[1] == function(.afterTask, 1, 6))
    #expect(hooks.afterTask[3] == function(.afterTask, 3, 2))
    #expect(hooks.afterTasks == ["echo alone"])
    #expect(hooks.beforeScheduler == [function(.beforeScheduler, 0, 3)], "where it was handed over")
    let run = try await Declaring.stack("\nreturn stack('k', { run = function() end })").run
    #expect(run == HookScript(.function(.run), file: "stack.lua", line: 2))
  }

  @Test func whatIsSaidLaterChangesNothing() async throws {
    let stack = try await Declaring.stack(
      """
      local fields, env = { id = "web" }, { A = "1" }
      fields.env = env
      local top = { from = "base" }
      local s = stack("k", top)
      s:app("web", fields)
      env.A, fields.id, top.from, fields.cpu = "2", "other", "x", 7
      return s
      """)
    #expect(stack.from == "base")
    #expect(stack.applications["web"]?.id == "web")
    #expect(stack.applications["web"]?.env == ["A": "1"])
    #expect(stack.applications["web"]?.cpu == 0)
  }

  @Test func referencesAreTextsAndDependencies() async throws {
    let stack = try await Declaring.stack(
      """
      local s = stack("k")
      local zk = s:app("zk", { id = "exhibitor", type = "service" })
      s:app("kafka", { id = "kafka", type = "service", scheduler = { zk = zk.out.zkConnect, self = "${kafka.x}" } })
      s:app("ui", { id = "ui", type = "service", dependencies = { "kafka" }, after_task = { "curl ${exhibitor.url} ${none.url}" } })
      s:app("other", { id = "other", type = "service", dependencies = { "exhibitor" }, env = { ZK = tostring(zk.out.a) .. "${${exhibitor.b}}" } })
      return s
      """)
    #expect(stack.applications["kafka"]?.scheduler["zk"] == "${exhibitor.zkConnect}")
    #expect(
      stack.applications.values.map(\.dependencies) == [[], ["exhibitor"], ["kafka", "exhibitor"], ["exhibitor"]])
  }

  @Test func anInheritedListOfDependenciesIsNotReplacedByAReference() async throws {
    let source = """
      local s = stack("k", { from = "base" })
      local zk = s:app("zk", { id = "zk" })
      s:app("kafka", { env = { ZK = zk.out.a } })
      s:app("new", { id = "new", env = { ZK = zk.out.a } })
      return s
      """
    var parent = Stack(name: "base")
    parent.applications["kafka"] = Application()
    parent.applications["kafka"]?.dependencies = ["db"]
    parent.applications["kafka"]?.id = "kafka"
    parent.applications["db"] = Application()
    parent.applications["db"]?.id = "db"
    let check = try await Declaring.check(source, options: StackCheck.Options(parent: parent))
    #expect(check.stack?.applications["kafka"]?.dependencies == [])
    #expect(check.stack?.applications["new"]?.dependencies == ["zk"])
    #expect(
      check.diagnostics.map(\.description) == [
        "kafka/stack.lua:3:1: warning: applications.kafka: it refers to zk and need not wait for it, since a list of dependencies would replace "
          + "the inherited one (name all of them in dependencies)"
      ])
    parent.applications["kafka"]?.dependencies = ["db", "zk"]
    let fine = try await Declaring.check(source, options: StackCheck.Options(parent: parent))
    #expect(fine.diagnostics == [])
  }

  @Test func itComesOutTheSameEachTime() async throws {
    let source = """
      local s = stack("k" .. math.random(1000000))
      for name in pairs({ c = 1, a = 1, b = 1 }) do s:app(name, { id = name .. math.random(1000000) .. hash.sha1("x"):sub(1, 4) }) end
      return s
      """
    let first = try await Declaring.stack(source)
    #expect(first.applications.keys == ["a", "b", "c"])
    #expect(try await Declaring.stack(source) == first)
  }

  @Test func tostringShowsWhatItIs() async throws {
    let stack = try await Declaring.stack(
      """
      local s = stack("k")
      local a = s:app("web", { id = "w" })
      s:app(tostring(s), { env = { A = tostring(a), B = tostring(a.id) } })
      return s
      """)
    #expect(stack.applications["stack k"]?.env == ["A": "application w", "B": "w"])
  }
}
