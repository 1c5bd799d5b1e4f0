import Concurrency
import Glibc
import JSON
import ScriptHost
import StackModel
import Testing

/// Where a real worker says its script is, as a failure shows it of which the worker itself could not tell: it is killed in the middle of a call.
struct LastCallTests {
  private static let context: JSON = ["run": ["id": "r1"], "app": ["id": "/web"]]

  /// Kills the worker at the call that has the word "fatal" in its arguments.
  private func failure(
    _ source: String, modules: [ScriptModule] = [], function: StackFunction? = nil
  ) async throws -> ScriptFailure {
    var invocation = Sandbox.invocation(source)
    invocation.functions = HostFunctions.all(in: .hook)
    invocation.context = Self.context
    invocation.modules = modules
    invocation.function = function
    invocation.hasOutput = false
    let host = try Sandbox.host()
    return try #require(
      await #expect(throws: ScriptFailure.self) {
        try await host.run(
          invocation,
          call: { call in
            if JSON.array(call.arguments).text.contains("fatal") {
              for worker in children(named: "script-worker") { kill(worker, SIGKILL) }
            }
            return .result(.null)
          })
      })
  }

  @Test(arguments: [
    ("log.info('a')\n\n  log.info('fatal')", 2, "a.lua:3", "log.info"),
    ("log.info('fatal')\nlog.info('b')", 1, "a.lua:1", "log.info"),
    ("local function f() vars.get('fatal') end\nf()", 1, "a.lua:1", "vars.get"),
    ("table.sort({ 2, 1 },\n function()\n vars.get('fatal') end)", 1, "a.lua:3", "vars.get"),
    ("local f = coroutine.wrap(function()\n vars.get('fatal') end)\nf()", 1, "a.lua:2", "vars.get"),
    ("pcall(vars.get, 'fatal')", 1, "a.lua:1", "vars.get"),
    ("http.try_get('http://fatal/')", 1, "a.lua:1", "http.get"),
    ("parallel {\n function() vars.get('a') end,\n function() vars.get('fatal') end }", 3, "a.lua:3", "vars.get"),
  ])
  func theInnermostLineOfTheScript(source: String, number: Int, place: String, function: String) async throws {
    let failure = try await failure(source)
    #expect(failure.kind == .workerDied)
    #expect(failure.place == place)
    #expect(
      failure.description
        == "\(place): the worker of a.lua was killed, by the system's limits or from outside; "
        + "its last call was \(number), \(function)")
  }

  @Test func aModuleHasAPlaceOfItsOwn() async throws {
    let module = try #require(
      ScriptModule(path: "lib/a.lua", source: Array("return {\n f = function() vars.get('fatal') end }".utf8)))
    #expect(try await failure("require('lib.a').f()", modules: [module]).place == "lib/a.lua:2")
  }

  @Test func aFunctionOfAStackHasThePlaceInItsFile() async throws {
    let source = "return stack('k', { run = function()\n log.info('fatal')\nend })"
    let failure = try await failure(source, function: .run)
    #expect(failure.place == "a.lua:2", "\(failure)")
  }

  /// A thread of its own in which nothing is the script's but the function that it begins with.
  @Test func whereNoLineIsTheScriptsThereIsNone() async throws {
    let failure = try await failure("coroutine.wrap(vars.get)('fatal')")
    #expect(failure.place == nil)
    #expect(failure.description.hasSuffix("; its last call was 1, vars.get"))
  }
}
