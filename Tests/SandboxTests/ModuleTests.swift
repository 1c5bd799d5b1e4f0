import JSON
import ScriptHost
import Testing

/// `require`.
struct ModuleTests {
  private func run(_ source: String, _ modules: [(String, String)]) async throws -> JSON {
    var invocation = Sandbox.invocation(source)
    invocation.modules = try modules.map { try #require(ScriptModule(path: $0.0, source: Array($0.1.utf8)), "\($0.0)") }
    return try await Sandbox.host().run(invocation)
  }

  private func failure(_ source: String, _ modules: [(String, String)]) async throws -> ScriptFailure {
    try #require(await #expect(throws: ScriptFailure.self) { try await run(source, modules) })
  }

  @Test func eachRunsOnceWithItsName() async throws {
    let value = try await run(
      """
      local a, b = require("lib.util"), require("lib.util")
      return { a == b, a.name, a.count(), a.count(), require("other"), require("none") }
      """,
      [
        ("lib/util.lua", "local n = 0 return { name = ..., count = function() n = n + 1 return n end }"),
        ("other.lua", "return require('lib.util').count()"), ("none.lua", "-- returns nothing"),
      ])
    #expect(value == [true, "lib.util", 1, 2, 3, true])
  }

  @Test func errorsNameTheModulesFile() async throws {
    let syntax = try await failure("local x\nrequire 'lib.util'", [("lib/util.lua", "\nlocal x = = 1")])
    #expect(syntax.message == "lib/util.lua:2: unexpected symbol near '='")
    let runtime = try await failure(
      "require('lib.util').f()", [("lib/util.lua", "return { f = function()\n  error('no')\nend }")])
    #expect(runtime.message == "lib/util.lua:2: no")
    #expect(runtime.trace == ["lib/util.lua:2: in field 'f'", "a.lua:1: in main chunk"])
  }

  @Test func anUnknownOneIsRefusedWithWhatThereIs() async throws {
    #expect(
      try await failure("require 'lib.utl'", [("lib/util.lua", ""), ("b.lua", "")]).message
        == "a.lua:1: there is no module 'lib.utl'; there are: lib.util, b")
    #expect(
      try await failure("require 'x'", []).message
        == "a.lua:1: there is no module 'x': no modules came with this script")
    let many = (1...30).map { ("m\($0).lua", "") }
    #expect(try await failure("require 'x'", many).message.hasSuffix("m19, m20, …"))
  }

  @Test func circlesAndFailuresAreSaid() async throws {
    #expect(
      try await failure("require 'a'", [("a.lua", "require 'b'"), ("b.lua", "return require 'a'")]).message
        == "b.lua:1: module 'a' is not loaded: it requires itself, or has failed before")
    #expect(
      try await run(
        "pcall(require, 'a') return select(2, pcall(require, 'a'))", [("a.lua", "error('x')")])
        == "module 'a' is not loaded: it requires itself, or has failed before")
  }

  @Test func theyAreInTheSandboxToo() async throws {
    #expect(
      try await failure("require 'a'", [("a.lua", "x = 1")]).message
        == "a.lua:1: assignment to undefined global 'x': a variable is declared with 'local'")
    #expect(try await failure("require 'a'", [("a.lua", "\u{1B}Lua")]).kind == .runtime)
    #expect(try await failure("require = 1", []).message.contains("global 'require' is read-only"))
  }

  @Test func sizesAreLimited() async throws {
    let limits = ScriptLimits(source: 1000, modules: 3000)
    func failure(_ modules: [ScriptModule]) async throws -> ScriptFailure? {
      var invocation = Sandbox.invocation("", limits: limits)
      invocation.modules = modules
      let checked = invocation
      return await #expect(throws: ScriptFailure.self) { try await Sandbox.host().run(checked) }
    }
    func module(_ path: String, _ size: Int) throws -> ScriptModule {
      try #require(ScriptModule(path: path, source: [UInt8](repeating: 32, count: size)))
    }
    #expect(try await failure([module("m/a.lua", 1001)])?.message == "m/a.lua has 1001 bytes; 1000 are allowed")
    #expect(
      try await failure((1...4).map { try module("m\($0).lua", 900) })?.message
        == "the modules of a.lua have 3600 bytes; 3000 are allowed")
    let many = try await failure((1...1001).map { try module("m\($0).lua", 1) })
    #expect(many?.kind == .tooLarge)
    #expect(many?.message == "a.lua comes with 1001 modules; 1000 are allowed")
  }

  @Test(arguments: [
    "util", "lib/.lua", "/a.lua", "a//b.lua", "../a.lua", "a.b.lua", "a b.lua", "é.lua", "a\0.lua", ".lua",
    String(repeating: "a", count: 200) + ".lua",
  ])
  func whatCannotBeNamedIsNoModule(path: String) {
    #expect(ScriptModule(path: path, source: []) == nil)
  }

  @Test func namesFollowFromPaths() {
    #expect(ScriptModule(path: "a-1/b_c/D.lua", source: [])?.name == "a-1.b_c.D")
  }
}
