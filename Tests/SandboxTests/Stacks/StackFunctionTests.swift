import JSON
import ScriptHost
import StackModel
import Testing

/// A function of a stack that is Lua, called after the stack's own file has run.
struct StackFunctionTests {
  private static let context: JSON = [
    "run": ["id": "r1", "stack": "kafka"], "hook": "after_task", "app": ["id": "/web", "endpoints": ["h1:31000"]],
  ]

  private func run(
    _ source: String, _ function: StackFunction = .run, context: JSON = context, seed: (UInt64, UInt64) = (1, 2),
    modules: [ScriptModule] = []
  ) async throws -> JSON {
    var invocation = ScriptInvocation(
      name: "stack.lua", source: Array(source.utf8), seed: seed, wantsResult: true,
      functions: HostFunctions.all(in: .hook), context: context, modules: modules)
    invocation.function = function
    return try await Sandbox.host().run(
      invocation,
      call: { call in
        switch call.function {
        case "hash.sha256": .result("digest")
        default: .result(.array([.string(call.function), .integer(Int64(call.number))] + call.arguments))
        }
      })
  }

  private func failure(_ source: String, _ function: StackFunction = .run) async throws -> ScriptFailure {
    try #require(await #expect(throws: ScriptFailure.self) { try await run(source, function) })
  }

  private func hook(_ application: String, _ place: HookPlace = .afterTask, _ index: Int = 0) -> StackFunction {
    .hook(application: application, place, index: index)
  }

  @Test func runIsCalledWithTheContextAlone() async throws {
    let value = try await run(
      """
      local s = stack("a", { run = function(...)
        local c = ...
        return { select("#", ...), c.run.id, c.app == nil or type(c.app), pcall(function() return ctx end) }
      end })
      return s
      """, context: ["run": ["id": "r1", "stack": "a"]])
    #expect(value.arrayValue?.prefix(4) == [1, "r1", true, false], "ctx is no global")
  }

  @Test func aHooksFunctionIsFoundAtItsPlace() async throws {
    let source = """
      local s = stack("a")
      local function named(name) return function(ctx) return { name, ctx.app:url("/x") } end end
      s:app("web", { id = "web", after_task = named("alone"), before_task = { "echo", named("second"), { lua = "x" }, named("fourth") } })
      s:app("db", { id = "db", after_task = named("db") })
      return s
      """
    let url: JSON = "http://h1:31000/x"
    #expect(try await run(source, hook("web")) == ["alone", url])
    #expect(try await run(source, hook("web", .beforeTask, 1)) == ["second", url])
    #expect(try await run(source, hook("web", .beforeTask, 3)) == ["fourth", url])
    #expect(try await run(source, hook("db")) == ["db", url])
  }

  @Test(arguments: [
    (StackFunction.run, "function run"),
    (.hook(application: "web", .afterTask, index: 1), "function at after_task[1] of the application web"),
    (.hook(application: "web", .beforeTask, index: 0), "function at before_task[0] of the application web"),
    (.hook(application: "db", .afterTask, index: 0), "function at after_task[0] of the application db"),
  ])
  func oneThatIsNotThereIsNamed(function: StackFunction, name: String) async throws {
    let source = "local s = stack('a')\ns:app('web', { after_task = function() end, before_task = 'echo' })\nreturn s"
    let failure = try await failure(source, function)
    #expect(failure.kind == .runtime)
    #expect(failure.description == "stack.lua:1: the stack has no \(name)")
  }

  @Test func theHostsFunctionsWaitForTheStack() async throws {
    let value = try await run(
      """
      local digest = hash.sha256("x")
      local early = { pcall(vars.get, "a") }
      return stack("a", { run = function() return { digest, early[1], tostring(early[2]), vars.get("a"), marathon.list() } end })
      """)
    #expect(
      value == [
        "digest", false, "stack.lua:2: vars.get: may be called from hooks and `run`, not while the stack is declared",
        ["vars.get", 2, "a"], ["marathon.list", 3],
      ])
  }

  @Test(arguments: [
    "vars.get('a')", "retry({ attempts = 1 }, function() end)", "http.try_get('http://a/')", "print('x')", "time.now()",
    "uuid()",
    "log.info('x')",
  ])
  func whatIsCalledTooEarlyIsToldAtTheCallersLine(call: String) async throws {
    let failure = try await failure("local s = stack('a', { run = function() end })\n\(call)\nreturn s")
    let name = call.prefix { $0 != "(" } == "print" ? "print" : "\(call.prefix { $0 != "(" })"
    #expect(
      failure.description
        == "stack.lua:2: \(name): may be called from hooks and `run`, not while the stack is declared")
    #expect(failure.raised?.code == .invalidArgument)
  }

  @Test(arguments: ["stack('b')", "s:app('b', {})"])
  func nothingIsDeclaredLater(call: String) async throws {
    let failure = try await failure("local s\ns = stack('a', { run = function()\n\(call) end })\nreturn s")
    #expect(failure.description.hasPrefix("stack.lua:3: "))
    #expect(failure.description.hasSuffix("may be called while the stack is declared, not from hooks and `run`"))
  }

  @Test func chanceIsTheStacksFirstAndThenTheRuns() async throws {
    let source = """
      local first = { math.random(1000000), (function() math.randomseed() return math.random(1000000) end)() }
      return stack("a", { run = function() return { first, { math.random(1000000), math.random(1000000) } } end })
      """
    let one = try await run(source, seed: (1, 2))
    let other = try await run(source, seed: (3, 4))
    #expect(one[0] == other[0], "while it is declared")
    #expect(one[0]?[0] == one[0]?[1], "randomseed starts the stack's sequence again")
    #expect(one[1] != other[1], "while its function runs")
    #expect(try await run(source, seed: (1, 2)) == one)
    #expect(try await Sandbox.value("return { math.random(1000000), math.random(1000000) }") == one[1])
  }

  @Test func errorsHaveTheScriptsPlaces() async throws {
    let failure = try await failure(
      """
      local s = stack("a")
      local function inner() error("broken") end
      s:app("web", { after_task = function(ctx)
        inner()
      end })
      return s
      """, hook("web"))
    #expect(failure.description == "stack.lua:2: broken")
    #expect(failure.trace == ["stack.lua:2: in upvalue 'inner'", "stack.lua:4: in function at line 3"])
  }

  @Test func modulesBelongToIt() async throws {
    let module = try #require(
      ScriptModule(path: "lib/a.lua", source: Array("return { f = function(c) return c.run.id end }".utf8)))
    #expect(try await run("return stack('a', { run = require('lib.a').f })", modules: [module]) == "r1")
  }

  @Test func aFileThatDeclaresNothingIsNoStack() async throws {
    #expect(
      try await failure("return 1").description
        == "the file declares no stack: it calls stack(name, fields) and returns what that returns")
    #expect(
      try await failure("local s = stack('a')").description
        == "stack.lua:1: the file must return its stack, but returns nil: end it with `return s`")
  }
}
