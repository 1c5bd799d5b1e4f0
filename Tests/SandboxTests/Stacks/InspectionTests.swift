import ScriptHost
import StackModel
import Testing

/// What is said of scripts that are not run.
struct InspectionTests {
  /// Of a stack whose file is this, `kafka/stack.lua`.
  private func diagnostics(_ source: String, files: [String: String] = [:]) async throws -> [String] {
    let source = Array(source.utf8)
    var files = files.sorted { $0.key < $1.key }.map { (path: $0.key, content: Array($0.value.utf8)) }
    files.append((path: "stack.lua", content: source))
    let host = try Sandbox.host()
    let decoding = try await host.decoding(
      of: StackSource(
        name: "stack.lua", source: source,
        modules: files.compactMap { ScriptModule(path: $0.path, source: $0.content) }), file: "kafka/stack.lua")
    try #require(decoding.diagnostics.isEmpty, "\(decoding.diagnostics)")
    let scripts = StackScripts(of: decoding, entry: "stack.lua", files: files, file: "kafka/stack.lua")
    return try await host.diagnostics(of: scripts).map(\.description)
  }

  /// Of a function of such a stack, whose first line is the file's first.
  private func diagnostics(function body: String) async throws -> [String] {
    try await diagnostics("return stack('k', { run = function(ctx) \(body)\nend })")
  }

  private let isNotThere = "there is no such function in this version"

  @Test(arguments: [
    "-- mesos.runOnce", "--[[ mesos.runOnce\n]] local x = [[mesos.runOnce]]", "local mesos = {} mesos.runOnce()",
    "local function f(mesos) return mesos.runOnce, function() return mesos.kill end end f {}",
    "for mesos in pairs {} do mesos() end", "local _ENV = { mesos = {} } mesos.runOnce = 1",
    "local function f(_ENV) return mesos.runOnce, function() return mesos.kill end end f {}",
    "local x = { mesos = {} } x.mesos.runOnce = 1", "goto mesos ::mesos::",
    // What the sandbox has.
    "marathon.deploy {} marathon.restart 'x' http.try_get 'x' json.decode '1' vars.get 'x'",
    "print(string.rep('x', 3), table.unpack {}, _VERSION, _G, ctx, stack, var, require, parallel)",
    // Of other versions, asked for first.
    "local unpack = table.unpack or unpack",
    // Made while it runs.
    "local name = 'runOnce' return marathon[name], require('lib.' .. name)",
    "local ok = pcall(require, 'lib.none')",
  ]) func whatIsNoFunctionOfTheHostIsNotTakenForOne(body: String) async throws {
    #expect(try await diagnostics(function: body) == [])
  }

  @Test(arguments: [
    ("\nmesos.runOnce {}", "2:1: warning: mesos.runOnce: there is no such function in this version"),
    ("\n\nlocal m = mesos", "3:1: warning: mesos: there are no such functions in this version"),
    ("\nmesos:kill(1)", "2:1: warning: mesos.kill: there is no such function in this version"),
    ("return function() return function()\n\n return mesos.kill end end", "3:1: warning: mesos.kill: "),
    (
      "marathon.deplyo {}",
      "1:1: warning: marathon.deplyo: there is no such function in this version (did you mean \"marathon.deploy\"?)"
    ),
    ("marathn.deploy {}", "1:1: warning: undefined global 'marathn': is 'marathon' meant?"),
    ("os.exit()", "1:1: warning: 'os' is not available to scripts: scripts do not reach the system"),
    (
      "require 'lib.none'",
      "1:1: warning: there is no module 'lib.none' (it would be the file lib/none.lua of the stack)"
    ),
  ]) func whatIsNotThereIsNamed(body: String, told: String) async throws {
    let found = try await diagnostics(function: body)
    #expect(found.count == 1 && found.first?.hasPrefix("kafka/stack.lua:\(told)") == true, "\(found)")
  }

  /// The compiled form keeps the line of some instructions only: every 128th, and those far from the one before.
  @Test func linesAreRightInLongFunctions() async throws {
    let long = String(repeating: "do local y = { ctx, 'y', 2.5, 7, true, nil } end\n", count: 400)
    #expect(
      try await diagnostics(function: "\(long)mesos.kill()") == [
        "kafka/stack.lua:401:1: warning: mesos.kill: \(isNotThere)"
      ])
    let gap = String(repeating: "\n", count: 1_000)
    let far = try await diagnostics(function: "\(gap)mesos.a()\(gap)mesos.b()")
    #expect(
      far == [
        "kafka/stack.lua:1001:1: warning: mesos.a: \(isNotThere)",
        "kafka/stack.lua:2001:1: warning: mesos.b: \(isNotThere)",
      ])
  }

  @Test func filesThatAreRequiredAreLookedAtAndOthersAreNot() async throws {
    let found = try await diagnostics(
      "return stack('k', { run = function() require('lib.a') end })",
      files: [
        "lib/a.lua": "return { require('lib.b'), require 'lib.a' }", "lib/b.lua": "\nreturn mesos.master",
        "lib/other.lua": "return = mesos.master", "lib/notes.txt": "mesos.master",
      ])
    #expect(found == ["kafka/lib/b.lua:2:1: warning: mesos.master: \(isNotThere)"])
    let broken = try await diagnostics(
      "return stack('k', { run = function() require('lib.a') end })", files: ["lib/a.lua": "return\n=\n"])
    #expect(broken == ["kafka/lib/a.lua:2:1: error: unexpected symbol near '='"])
  }

  @Test func textsThatAStackHandsOverAreLookedAt() async throws {
    let found = try await diagnostics(
      """
      local s = stack('k')
      s:app('a', { type = 'service', id = 'a', cpu = 1, mem = 1, launch_command = 'x',
        before_scheduler = { { lua = "local x\\nmesos.kill()" }, { lua_file = "up.lua" } } })
      return s
      """, files: ["up.lua": "#!/usr/bin/lua\nmesos.agents()"])
    #expect(
      found == [
        "kafka/stack.lua:2:1: warning: applications.a.before_scheduler[0].lua: in its line 2: mesos.kill: \(isNotThere)",
        "kafka/up.lua:2:1: warning: mesos.agents: \(isNotThere)",
      ])
  }

  /// Nothing of it runs, and nothing of it is more than a finding.
  @Test func hostileSourcesAreOnlyRead() async throws {
    let many = String(repeating: "a.b()", count: 100_000) + "\nmesos.kill()"
    let start = ContinuousClock.now
    let found = try await diagnostics(function: many)
    #expect(found.count == 2, "each place once: \(found.count)")
    let lines = String(repeating: "a.b()\n", count: 100_000)
    #expect(try await diagnostics(function: lines).count == 1_000)
    let nested =
      String(repeating: "function() return ", count: 50) + "mesos.kill" + String(repeating: " end", count: 50)
    #expect(try await diagnostics(function: "return \(nested)").count == 1)
    #expect(try await diagnostics(function: #"return marathon["\xff\0"]"#).count == 1)
    #expect(try await diagnostics(function: "require 'lib.\\xff'").count == 1)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func whatIsUsedOfALaterVersionIsNamedWhereItRuns() async throws {
    func failure(_ source: String) async throws -> ScriptFailure {
      var invocation = Sandbox.invocation(source)
      invocation.functions = HostFunctions.all
      let host = try Sandbox.host()
      do throws(ScriptFailure) {
        _ = try await host.run(invocation)
        throw ScriptFailure(.runtime, "it has not failed")
      } catch { return error }
    }
    #expect(try await failure("\nmesos.runOnce {}").description == "a.lua:2: mesos.runOnce: \(isNotThere)")
    #expect(try await failure("mesos.x = 1").description.contains("mesos is read-only"))
    #expect(try await failure("return rawget(_G, 'mesos').x").description.contains("nil value"))
    #expect(try await failure("mesos = 1").description.contains("undefined global 'mesos'"))
    #expect(try await failure("return mesos[{}]").description == "a.lua:1: mesos.?: \(isNotThere)")
  }
}
