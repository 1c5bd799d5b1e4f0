import ScriptHost
import StackModel
import Testing

/// Files that are no stacks on purpose.
struct HostileDeclarationTests {
  /// Nothing of a script runs while its tables are read, or after it has returned.
  @Test func tablesAreReadPastTheirMetatables() async throws {
    let stack = try await Declaring.stack(
      """
      local function trap() error("it ran") end
      local meta = { __index = trap, __pairs = trap, __len = trap, __call = trap, __eq = trap, __lt = trap, __concat = trap, __tostring = trap,
        __newindex = trap, __close = trap, __name = "x", __metatable = "locked" }
      local function t(fields) return setmetatable(fields, meta) end
      local s = stack("k", t { grants = t { "shell" } })
      s:app("web", t { id = "web", env = t { A = "1" }, args = t { "a", "b" }, tasks = t { t { "x", t { a = 1 } } }, before_task = t { t { lua = "x" }, trap } })
      return s
      """)
    let web = try #require(stack.applications["web"])
    #expect(stack.grants == ["shell"])
    #expect(web.env == ["A": "1"])
    #expect(web.args == ["a", "b"])
    #expect(web.tasks == [ApplicationTask("x", [.init(key: .string("a"), value: .integer(1))])])
    #expect(web.hooks.beforeTask.count == 2)
  }

  @Test(arguments: [
    "setmetatable(s, {})", "rawset(s, 'app', 1)", "s.app = 1", "s.vars.x = 1", "rawset(s.vars, 'x', 1)", "s.vars = {}",
    "a.out.x = 1", "a.id = 'y'", "rawset(a, 'id', 'y')", "setmetatable(a.out, {})", "stack = 1", "var.string = 1",
    "rawset(var, 'x', 1)",
    "table.insert(a.out, 'x')",
  ])
  func whatTheHostGivesIsReadOnly(change: String) async throws {
    let diagnostics = try await Declaring.diagnostics(
      "local s = stack('k', { vars = {} })\nlocal a = s:app('a', { id = 'a' })\n\(change)\nreturn s")
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.hasPrefix("kafka/stack.lua:3:1: error: ") == true, "\(diagnostics)")
    #expect(
      diagnostics.first?.contains("read-only") == true || diagnostics.first?.contains("protected metatable") == true,
      "\(diagnostics)")
  }

  @Test(arguments: [
    ("local t = {} for i = 1, 1e9 do t[i] = {} end", "over the memory budget of 64 MiB"),
    ("local t = {} for i = 1, 40 do t = { t, t } end stack('k', { from = t })", "over the"),
    ("local s = stack('k') for i = 1, 1e9 do s:app('a' .. i, {}) end", "over the"),
    ("for i = 1, 1e9 do pcall(error) end", "over the"),
    (
      "local s = stack('k') setmetatable({}, { __close = function() while true do end end }) local x <close> = setmetatable({}, { __close = function() while true do end end }) return s",
      "over the"
    ),
    ("coroutine.wrap(function() while true do end end)()", "over the"),
    ("local s = stack('k', { from = ('x'):rep(9 << 20) }) return s", "the result of the script cannot be handed over"),
  ])
  func whatEndsNowhereIsEnded(source: String, message: String) async throws {
    let diagnostics = try await Declaring.diagnostics(source)
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.contains(message) == true, "\(diagnostics)")
  }

  @Test func deepAndEndlessTablesAreNamed() async throws {
    let deep = try await Declaring.diagnostics(
      ofFields: "tasks = (function() local t = {} for i = 1, 100 do t = { t } end return { a = { b = t } } end)()")
    #expect(deep.count == 1)
    #expect(deep.first?.hasPrefix("kafka/stack.lua:2:1: error: applications.web.tasks.a.b[0][0]") == true, "\(deep)")
    #expect(deep.first?.hasSuffix("expected a value, found tables nested deeper than 40 levels") == true, "\(deep)")
    #expect(
      try await Declaring.diagnostics(ofFields: "env = (function() local t = {} t.t = t return t end)()") == [
        "kafka/stack.lua:2:1: error: applications.web.env.t: expected a text, found a table that contains itself"
      ])
    #expect(
      try await Declaring.diagnostics("local t = {} t.t = t return stack('k', t)").first?.contains("unknown field")
        == true)
  }

  @Test func tenThousandApplications() async throws {
    let stack = try await Declaring.stack(
      """
      local s = stack("k")
      local last
      for i = 1, 10000 do
        last = s:app("app" .. i, { type = "service", id = "app" .. i, cpu = 0.1, mem = 16, launch_command = "sleep 1",
          env = { BEFORE = last and last.out.url or "none" }, after_task = i % 100 == 0 and function() end or nil })
      end
      return s
      """)
    #expect(stack.applications.count == 10_000)
    #expect(stack.applications["app10000"]?.dependencies == ["app9999"])
    #expect(stack.applications["app10000"]?.hooks.afterTask.count == 1)
  }

  @Test func aStackObjectFromElsewhereIsNone() async throws {
    for source in [
      "stack('k') return {}",
      "local s = stack('k') return setmetatable({}, { __index = s, __eq = function() return true end })",
      "local s = stack('k') return s.vars", "local s = stack('k') return s:app('a', {})",
      "return coroutine.wrap(function() return stack('k') end)() and nil",
    ] {
      #expect(
        try await Declaring.diagnostics(source).first?.contains("the file must return its stack") == true, "\(source)")
    }
  }

  @Test func theStackMayBeMadeInACoroutineOrAModule() async throws {
    #expect(try await Declaring.stack("return coroutine.wrap(function() return stack('k') end)()").name == "k")
    #expect(try await Declaring.stack("return coroutine.wrap(stack)('k')").name == "k")
    #expect(
      try await Declaring.stack("return require('lib.s')", modules: ["lib/s.lua": "return stack('k')"]).name == "k")
  }
}
