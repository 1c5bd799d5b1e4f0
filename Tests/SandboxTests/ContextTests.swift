import JSON
import ScriptHost
import Testing

/// `ctx`, and handles in it and in results.
struct ContextTests {
  private static let context: JSON = [
    "run": ["id": "r1", "stack": "web"], "hook": "after_task", "list": [1, 2, ["x": 3]], "empty": [],
    "app": ["id": "/web", "endpoints": ["h1:31000", "h2:31000"]],
  ]

  private func invocation(_ source: String, context: JSON? = context, functions: [HostFunction] = [])
    -> ScriptInvocation
  {
    var invocation = Sandbox.invocation(source)
    invocation.context = context
    invocation.functions = functions
    return invocation
  }

  private func run(
    _ source: String, context: JSON? = context, functions: [HostFunction] = [],
    _ call: @escaping @Sendable (HostCall) -> HostAnswer = { .result(.array($0.arguments)) }
  ) async throws -> JSON {
    try await Sandbox.host().run(invocation(source, context: context, functions: functions), call: { call($0) })
  }

  private func failure(_ source: String, context: JSON? = context) async throws -> ScriptFailure {
    try #require(await #expect(throws: ScriptFailure.self) { try await run(source, context: context) })
  }

  @Test func itIsAGlobalAndTheArgument() async throws {
    #expect(try await run("local c = ... return { c == ctx, ctx.run.id, select('#', ...) }") == [true, "r1", 1])
    #expect(try await run("return select('#', ...)", context: nil) == 0)
    #expect(try await failure("return ctx", context: nil).message.contains("undefined global 'ctx'"))
  }

  @Test func itReadsLikeATable() async throws {
    let value = try await run(
      """
      local keys, items = {}, {}
      for k in pairs(ctx) do keys[#keys + 1] = k end
      for i, v in ipairs(ctx.list) do items[i] = type(v) end
      return { keys, items, #ctx.list, #ctx.empty, table.concat({ table.unpack(ctx.list, 1, 2) }, "+"), ctx.list[3].x,
        next(ctx.run), rawlen(ctx.list), rawget(ctx.run, "id"), ctx.none == nil, type(ctx.run), tostring(ctx.run), ctx.list[3] }
      """)
    #expect(
      value == [
        ["app", "empty", "hook", "list", "run"], ["number", "number", "table"], 3, 0, "1+2", 3, "id", 3, "r1", true,
        "table", "table", ["x": 3],
      ])
  }

  @Test(arguments: [
    "ctx.run.id = 2", "ctx.new = 1", "ctx.list[1] = 5", "ctx.list[3].x = 1", "rawset(ctx, 'a', 1)",
    "table.insert(ctx.list, 1)",
    "table.remove(ctx.list)", "table.sort(ctx.list, function() return true end)", "setmetatable(ctx, {})",
    "ctx.app.id = 'x'",
    "rawset(ctx.app, 'id', 1)", "table.move({ 1 }, 1, 1, 1, ctx.list)", "ctx = 1", "ctx.app.url = 1",
    "json.array(ctx.empty)",
  ])
  func nothingChangesIt(source: String) async throws {
    let message = try await failure(source).message
    #expect(
      message.contains("read-only") || message.contains("protected metatable") || message.contains("has a metatable"),
      "\(message)")
  }

  @Test func itGoesBackToTheHostAsItIs() async throws {
    let echo = Sandbox.bare("host.echo")
    #expect(try await run("return host.echo(ctx)[1]", functions: [echo])["run"] == ["id": "r1", "stack": "web"])
    #expect(try await run("return json.decode(json.encode(ctx)).empty") == [])
    #expect(try await run("return ctx") == JSON.object(sorted(Self.context.objectValue ?? [:])))
  }

  private func sorted(_ object: JSONObject) -> JSONObject {
    JSONObject(
      object.sorted { $0.key < $1.key }.map { key, value in
        (key, value.objectValue.map { .object(sorted($0)) } ?? value)
      })
  }

  @Test func handlesHaveMethods() async throws {
    #expect(
      try await run(
        "return { ctx.app:url('/x?y'), ctx.app:url('x'), ctx.app:url(), ctx.app:endpoint(), tostring(ctx.app) }")
        == ["http://h1:31000/x?y", "http://h1:31000/x", "http://h1:31000/", "h1:31000", "app /web"])
    #expect(
      try await run("local keys = {} for k in pairs(ctx.app) do keys[#keys + 1] = k end return keys") == [
        "endpoints", "id",
      ])
  }

  @Test(arguments: [
    ("ctx.app.url('/x')", "invalid_argument", "app:url: is called with a colon: app:url(path)"),
    ("ctx.app:url(1)", "invalid_argument", "app:url: argument 1 (path) must be a string, is a number"),
  ])
  func misuseOfAMethodNamesTheCallersLine(call: String, code: String, message: String) async throws {
    let failure = try await failure("local x\n\(call)")
    #expect(failure.message == "a.lua:2: \(message)")
    #expect(failure.trace == ["a.lua:2: in main chunk"])
    #expect(failure.raised?.code.rawValue == code)
  }

  @Test(arguments: [["id": "/web"], ["id": "/web", "endpoints": []]] as [JSON])
  func anApplicationWithoutInstancesIsUnavailable(app: JSON) async throws {
    let failure = try await failure("ctx.app:url('/')", context: ["app": app])
    #expect(failure.message == "a.lua:1: app:endpoint: no instance of /web runs")
    #expect(failure.raised == HostCallFailure(.unavailable, "no instance of /web runs", retryable: true))
  }

  @Test func resultsBecomeHandlesWhereTheTypeSaysSo() async throws {
    let app = HostType.handle(.app)
    func function(_ name: String, _ result: HostType) -> HostFunction {
      HostFunction(name, returns: result, recording: .answer, doc: "")
    }
    let functions = [
      function("t.one", app), function("t.maybe", .nullable(app)), function("t.list", .list(app)),
      function("t.map", .map(.list(app))),
      function("t.record", .record(HostRecord([HostField("app", app, .optional, doc: "")]))),
      function("t.free", .json),
    ]
    let one: JSON = ["id": "/a", "endpoints": ["h:1"]]
    let value = try await run(
      """
      return { t.one():url(), t.maybe() == nil, t.list()[2]:url(), t.map().k[1]:url(), t.record().app:url(), t.record(1).app == nil,
        getmetatable(t.free()) == nil }
      """, functions: functions
    ) { call in
      switch (call.function, call.arguments) {
      case ("t.maybe", _): .result(.null)
      case ("t.list", _): .result([one, one])
      case ("t.map", _): .result(["k": [one]])
      case ("t.record", [1]): .result([:])
      case ("t.record", _): .result(["app": one])
      default: .result(one)
      }
    }
    let url: JSON = "http://h:1/"
    #expect(value == [url, true, url, url, url, true, true])
  }

  @Test func aContextThatIsTooLargeOrTooDeepIsRefused() async throws {
    let deep = (0..<70).reduce(JSON.integer(1)) { inner, _ in [inner] }
    #expect(try await failure("", context: deep).message == "the context of a.lua is nested deeper than 60")
    let large = JSON.string(String(repeating: "x", count: 9 << 20))
    #expect(try await failure("", context: ["x": large]).kind == .tooLarge)
  }
}
