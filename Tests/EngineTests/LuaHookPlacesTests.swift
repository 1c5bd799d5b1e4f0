import Concurrency
import Engine
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Lua on all five places of an application with tasks: as text, as a file of the stack, and as a function of the stack's own file.
@Suite(.timeLimit(.minutes(1))) struct LuaHookPlacesTests {
  /// A script as it was begun.
  struct Begun: Sendable, Hashable {
    /// `before_task file`.
    var script: String
    var context: JSON
    /// The tasks that the runner had been given by then.
    var tasks: [String]
  }

  private let world = World()
  private let runner = TaskRunnerTests.FakeRunner()
  private let begun = Locked<[Begun]>([])

  private static let places = ["before_scheduler", "after_scheduler", "before_task", "after_task", "after_tasks"]
  private static let forms = ["text", "file", "function"]

  /// An application that is started, given two tasks, and has three scripts on each place. Their calls say where they are.
  private func prepare(_ body: @escaping FakeScripts.Body = logged) async throws {
    let kafka = application("k") { application in
      application.type = "kafka"
      application.tasks = [
        ApplicationTask("brokers", [.init(key: .string("id"), value: .string("${k.host}:${k.tasks}"))]),
        ApplicationTask(
          "topics",
          [
            .init(key: .string("after"), value: .string("${k.brokers}")), .init(key: .string("n"), value: .integer(8)),
          ]),
      ]
      for place in HookPlace.allCases {
        application.hooks[place] = [
          .lua(HookScript(.text("\(place.rawValue) text"), line: 1)),
          .lua(HookScript(.file("hooks/\(place.rawValue).lua"))),
          .lua(HookScript(.function(.hook(application: "k", place, index: 2)), line: 7)),
        ]
      }
    }
    try await world.add(
      stack(kafka),
      files: [
        "stack.lua": "own", "hooks/before_scheduler.lua": "before_scheduler file",
        "hooks/after_scheduler.lua": "after_scheduler file", "hooks/before_task.lua": "before_task file",
        "hooks/after_task.lua": "after_task file", "hooks/after_tasks.lua": "after_tasks file",
      ])
    for place in Self.places {
      for (name, script) in [
        ("\(place) text", "\(place) text"), ("\(place) file", "\(place) file"),
        ("own k/\(place)/2", "\(place) function"),
      ] {
        world.scripts[name] = { [begun, runner] context, call in
          let tasks = runner.jobs.withLock { $0.map(\.name) }
          begun.withLock { $0.append(Begun(script: script, context: context, tasks: tasks)) }
          try await body(["script": .string(script), "ctx": context], call)
        }
      }
    }
  }

  /// Says what it is and for which task.
  private static let logged: FakeScripts.Body = { context, call in
    let script = context["script"]?.stringValue ?? ""
    _ = try await call("log.info", [.string("\(script) \(context["ctx"]?["task"]?["name"]?.stringValue ?? "-")")])
  }

  private func run() async throws -> RunStatus {
    try await world.serve(world.engine(runners: ["kafka": runner])) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
  }

  private static let healthy: JSON = ["id": "/k", "endpoints": ["agent-1:31000"]]

  /// All scripts of a run, in their order.
  private static let expected: [Begun] = {
    let run: JSON = ["id": "1", "stack": "s"]
    var all: [Begun] = []
    func add(_ place: String, _ app: JSON = healthy, task: JSON? = nil, after tasks: [String]) {
      for form in forms {
        var context: JSONObject = ["run": run, "hook": .string(place), "app": app]
        if let task { context["task"] = task }
        all.append(Begun(script: "\(place) \(form)", context: .object(context), tasks: tasks))
      }
    }
    let brokers: JSON = ["name": "brokers", "values": ["id": "agent-1:1"]]
    let topics: JSON = ["name": "topics", "values": ["after": "done", "n": "8"]]
    add("before_scheduler", ["id": "/k"], after: [])
    add("after_scheduler", after: [])
    add("before_task", task: brokers, after: [])
    add("after_task", task: brokers, after: ["brokers"])
    add("before_task", task: topics, after: ["brokers"])
    add("after_task", task: topics, after: ["brokers", "topics"])
    add("after_tasks", after: ["brokers", "topics"])
    return all
  }()

  private static let expectedLog = expected.map { begun in
    "\(begun.script) \(begun.context["task"]?["name"]?.stringValue ?? "-")"
  }

  private func log() async throws -> [String] {
    try await world.store.journal(of: RunID(1), after: 0, limit: 1_000).compactMap { RunEvent($0, of: RunID(1)) }
      .filter { $0.kind == .log }.map(\.sentence)
  }

  @Test func scriptsRunOnAllPlacesInTheirOrder() async throws {
    try await prepare()
    let status = try await run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(begun.withLock { $0 } == Self.expected)
    #expect(try await log() == Self.expectedLog)
    let steps = status.applications.first?.steps ?? []
    #expect(steps.contains("tasks/brokers/before_task/3") && steps.contains("tasks/topics/after_task/1"), "\(steps)")
    #expect(steps.count == Self.expected.count + 5)
  }

  /// At every entry of the journal. Scripts that are run again get the same context, and say nothing twice.
  @Test func aServerThatIsStartedAgainGoesOnAmongThem() async throws {
    try await prepare()
    #expect(try await run().state == .succeeded)
    let entries = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    #expect(entries > 80)
    var repeated = 0
    for kill in 1..<entries {
      let test = LuaHookPlacesTests()
      try await test.prepare()
      repeated += try await test.runOverRestart(atEntry: kill)
    }
    // Otherwise nothing has been killed while a script ran.
    #expect(repeated > 0)
  }

  /// - Returns: how many scripts were begun twice.
  private func runOverRestart(atEntry kill: Int) async throws -> Int {
    let engine = { [world, runner] in world.engine(runners: ["kafka": runner]) }
    try await world.serve(engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("entry \(kill)") { try await engine.status(run).sequence >= kill }
    }
    let status = try await world.serve(engine()) { engine in
      var status = try await engine.waitUntilSettled(RunID(1))
      // Of a task, unlike a script, nobody knows whether it was done.
      while status.state == .blocked, status.failure?.reason.contains("whether task") == true {
        try await engine.resume(RunID(1), .retryStep, by: "u")
        status = try await engine.waitUntilSettled(RunID(1))
      }
      return status
    }
    #expect(status.state == .succeeded, "after entry \(kill): \(status)")
    #expect(try await log() == Self.expectedLog, "after entry \(kill)")
    #expect(world.cluster.effects == ["create /k"], "after entry \(kill)")
    var seen: [Begun] = []
    let all = begun.withLock { $0 }
    for begun in all where begun.script != seen.last?.script || begun.context != seen.last?.context {
      seen.append(begun)
    }
    #expect(seen.map(\.script) == Self.expected.map(\.script), "after entry \(kill)")
    #expect(seen.map(\.context) == Self.expected.map(\.context), "after entry \(kill)")
    return all.count - seen.count
  }

  @Test func whatAScriptOfATaskDeploysAndSetsIsThereOnce() async throws {
    let body: FakeScripts.Body = { context, call in
      guard context["script"] == "after_task function", let task = context["ctx"]?["task"]?["name"]?.stringValue else {
        return
      }
      let app = try await call(
        "marathon.deploy", [["id": .string("side-\(task)"), "cmd": "run", "cpus": 0.1, "mem": 32, "instances": 1]])
      _ = try await call("wait_healthy", [app])
      _ = try await call("vars.set", ["side.\(task)", "up"].map(JSON.string))
    }
    try await prepare(body)
    #expect(try await run().state == .succeeded)
    let entries = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
    let part = entries.filter { $0.path.contains("after_task/3#") }
    let (first, last) = (try #require(part.first).sequence, try #require(part.last).sequence)
    for kill in first...last {
      let test = LuaHookPlacesTests()
      try await test.prepare(body)
      let engine = { test.world.engine(runners: ["kafka": test.runner]) }
      try await test.world.serve(engine()) { engine in
        let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
        try await eventually("entry \(kill)") { try await engine.status(run).sequence >= kill }
      }
      let status = try await test.world.serve(engine()) { engine in
        let status = try await engine.waitUntilSettled(RunID(1))
        guard status.state == .blocked else { return status }
        #expect(status.failure?.reason.contains("whether task topics") == true, "\(status)")
        try await engine.resume(RunID(1), .retryStep, by: "u")
        return try await engine.waitUntilSettled(RunID(1))
      }
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      #expect(
        test.world.cluster.effects == ["create /k", "create /side-brokers", "create /side-topics"],
        "after entry \(kill)")
      #expect(status.variables["side.brokers"] == "up" && status.variables["side.topics"] == "up")
    }
  }

  /// As scripts before the launch may set what the launch needs.
  @Test func aScriptBeforeATaskMaySetWhatTheTaskNeeds() async throws {
    let kafka = application("k") { application in
      application.type = "kafka"
      application.tasks = [
        ApplicationTask(
          "topics",
          [
            .init(key: .string("name"), value: .string("${topic}")), .init(key: .string("n"), value: .integer(8)),
          ])
      ]
      application.hooks.beforeTask = [.lua(HookScript(.text("set")))]
      application.hooks.afterTask = [.lua(HookScript(.text("look")))]
    }
    try await world.add(stack(kafka))
    world.scripts["set"] = { context, call in
      // What is not known yet is not there.
      #expect(context["task"] == ["name": "topics", "values": ["n": "8"]])
      _ = try await call("vars.set", ["topic", "audit"])
    }
    world.scripts["look"] = { context, _ in
      #expect(context["task"] == ["name": "topics", "values": ["name": "audit", "n": "8"]])
    }
    let status = try await run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["set", "look"])
    #expect(runner.jobs.withLock { $0.map { $0.parameters["name"] } } == ["audit"])
  }

  @Test func aScriptThatFailsSaysOfWhichTask() async throws {
    try await prepare { context, call in
      guard context["script"] == "before_task file", context["ctx"]?["task"]?["name"] == "topics" else { return }
      _ = try await call("fail", ["no such topic"])
    }
    let status = try await run()
    #expect(status.state == .failed)
    #expect(status.failure?.step == "tasks/topics/before_task/2")
    #expect(
      status.failure?.reason == "hook tasks/topics/before_task/2: hooks/before_task.lua:1: no such topic", "\(status)")
    #expect(runner.jobs.withLock { $0.map(\.name) } == ["brokers"])
  }
}
