import JSON
import ScriptHost
import Testing

/// What scripts see that differs from stock Lua.
struct SurfaceTests {
  @Test func pairsAndNextHaveAnOrder() async throws {
    let value = try await Sandbox.value(
      """
      local t = { 1, 2, nil, 4, b = 1, a = 1, B = 1, [""] = 1, [-1] = 1, [0] = 1, [2.5] = 1, [math.huge] = 1, [10] = 1, [true] = 1, [false] = 1, ["1"] = 1,
        [math.mininteger] = 1, [1e300] = 1, [-1e300] = 1 }
      local function list(walk) local keys = {} walk(function(k) keys[#keys + 1] = tostring(k) end) return table.concat(keys, " ") end
      return {
        list(function(f) for k in pairs(t) do f(k) end end),
        list(function(f) local k = next(t) while k ~= nil do f(k) k = next(t, k) end end),
      }
      """)
    let order = "1 2 -1e+300 -9223372036854775808 -1 0 2.5 4 10 1e+300 inf  1 B a b false true"
    #expect(value == [.string(order), .string(order)])
  }

  @Test func keysWithoutAnOrderAreRefused() async throws {
    #expect(try await Sandbox.value("local n = 0 for _ in pairs({ [{}] = 1, a = 2 }) do n = n + 1 end return n") == 2)
    #expect(try await Sandbox.value("local t = { [{}] = 1, [{}] = 2 } t.a = 1 return next(t)") == "a")
    let sentence =
      "several keys of this table have no order, because they are tables or functions: keep them in a list beside it"
    for source in [
      "for _ in pairs({ [{}] = 1, [print] = 2 }) do end", "next({ [{}] = 1, [{}] = 2 })",
      "local k = {} next({ [k] = 1, [{}] = 2 }, k)",
    ] {
      let failure = try await Sandbox.failure(source)
      #expect(failure.message == "a.lua:1: \(sentence)", "\(source)")
    }
  }

  @Test func aTraversalSeesWhatWasThereWhenItBegan() async throws {
    let value = try await Sandbox.value(
      """
      local t, seen = { a = 1, b = 2, c = 3, d = 4 }, {}
      for k in pairs(t) do seen[#seen + 1] = k t[k] = nil t.c = nil t["x" .. k] = 1 end
      local u, walked = { a = 1, b = 2, c = 3 }, {}
      local k = next(u)
      while k do walked[#walked + 1] = k u[k] = nil k = next(u, k) end
      return { seen, walked, next(u) == nil, (next({ b = 1 }, "a")) }
      """)
    #expect(value == [["a", "b", "d"], ["a", "b", "c"], true, "b"])
  }

  @Test func theSameSeedGivesTheSameNumbers() async throws {
    let source =
      "local first = math.random(1 << 40) math.randomseed() local again = math.random(1 << 40) return { first, again, math.random() }"
    let host = try Sandbox.host()
    var invocation = Sandbox.invocation(source)
    let one = try await host.run(invocation)
    #expect(try await host.run(invocation) == one)
    #expect(one[0] == one[1], "randomseed without a seed starts the sequence again")
    invocation.seed.0 += 1
    #expect(try await host.run(invocation) != one)
    #expect(try await Sandbox.value("math.randomseed(42) return math.random(1000)") == 742)
  }

  @Test func nothingShowsAnAddress() async throws {
    let value = try await Sandbox.value(
      """
      local t = {}
      return { tostring(t), tostring(print), tostring(coroutine.running()), string.format("%s %p %10p|", t, t, "x"),
        tostring(setmetatable({}, { __name = "thing" })), select(2, pcall(error, t)) == t }
      """)
    #expect(value == ["table", "function", "thread", "table (null)     (null)|", "thing", true])
  }

  @Test(arguments: [
    ("return prnt", "undefined global 'prnt': is 'print' meant?"),
    ("return x", "undefined global 'x': a variable is declared with 'local'"),
    ("x = 1", "assignment to undefined global 'x': a variable is declared with 'local'"),
    ("print = 1", "global 'print' is read-only: a variable is declared with 'local'"),
    ("function f() end", "assignment to undefined global 'f': a variable is declared with 'local'"),
    ("os.exit()", "'os' is not available to scripts: scripts do not reach the system"),
    ("io.write(1)", "'io' is not available to scripts: scripts reach no files"),
    ("load('x')", "'load' is not available to scripts: scripts cannot make code while they run"),
    ("collectgarbage()", "'collectgarbage' is not available to scripts: memory is taken care of"),
    ("unpack({})", "'unpack' is not available to scripts: it is table.unpack"),
    ("string.rep = nil", "'string' is read-only: cannot set rep"),
    ("rawset(math, 'x', 1)", "the table is read-only"),
    ("setmetatable({}, { __gc = print })", "'__gc' is not available to scripts"),
    ("setmetatable({}, { __mode = 'k' })", "'__mode' is not available to scripts"),
    ("setmetatable(string, {})", "cannot change a protected metatable"),
  ])
  func whatIsNotThereIsSaid(source: String, message: String) async throws {
    let failure = try await Sandbox.failure("local y\n" + source)
    #expect(failure.kind == .runtime)
    #expect(failure.message == "a.lua:2: \(message)")
    #expect(failure.place == "a.lua:2")
  }

  @Test func errorsNameTheirPlaceAndTheWayThere() async throws {
    let syntax = try await Sandbox.failure("local x =\n\nreturn return")
    #expect(syntax == ScriptFailure(.syntax, "a.lua:3: unexpected symbol near 'return'", place: "a.lua:3"))
    let runtime = try await Sandbox.failure(
      "local function inner(x)\n  return x.y.z\nend\nlocal t = {}\nfunction t.outer() inner({}) end\nt.outer()")
    #expect(runtime.message == "a.lua:2: attempt to index a nil value (field 'y')")
    #expect(runtime.trace == ["a.lua:2: in upvalue 'inner'", "a.lua:5: in field 'outer'", "a.lua:6: in main chunk"])
    #expect(try await Sandbox.failure("error('plain', 0)").description == "a.lua:1: plain")
    #expect(try await Sandbox.failure("error({})").message == "the error is a table")
    #expect(
      try await Sandbox.failure("error(setmetatable({}, { __tostring = function() return 'mine' end }))").message
        == "mine")
  }

  @Test func linesCountAsInTheFile() async throws {
    #expect(try await Sandbox.failure("#!/usr/bin/env lua\nerror('x')").message == "a.lua:2: x")
    #expect(try await Sandbox.failure("\u{FEFF}error('x')").message == "a.lua:1: x")
  }

  @Test func budgetsSayWhereTheScriptWas() async throws {
    let cpu = try await Sandbox.failure(
      "local function f()\n  while true do end\nend\npcall(f)",
      limits: ScriptLimits(cpu: .milliseconds(100), time: .seconds(20)))
    #expect(cpu.kind == .budgetExceeded(.cpu))
    #expect(cpu.description == "a.lua:2: over the CPU budget of 100ms")
    #expect(cpu.trace == ["a.lua:2: in function at line 1", "a.lua:4: in main chunk"])
    let inC = try await Sandbox.failure(
      "local s = ('a'):rep(40)\ns:find(('.-'):rep(12) .. 'b')",
      limits: ScriptLimits(cpu: .milliseconds(100), time: .seconds(20)))
    #expect(inC.description == "a.lua:2: over the CPU budget of 100ms")
    let memory = try await Sandbox.failure(
      "local t = {}\nfor i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end",
      limits: ScriptLimits(cpu: .seconds(20), memory: 8 << 20))
    #expect(memory.description == "a.lua:2: over the memory budget of 8 MiB")
    // Long texts are put together in buffers that Lua's library takes from the allocator itself.
    let hoard = "local t = {}\nlocal function f()\n  for i = 1, 1e9 do t[i] = ('x'):rep(1 << 20) .. i end\nend\n"
    for end in ["f()", "pcall(f)\nprint({})\nwhile true do end", "pcall(f)"] {
      let buffer = try await Sandbox.failure(
        hoard + end, limits: ScriptLimits(cpu: .seconds(20), memory: 8 << 20))
      #expect(buffer.kind == .budgetExceeded(.memory), "\(end)")
      #expect(buffer.description == "a.lua:3: over the memory budget of 8 MiB", "\(end)")
      #expect(buffer.trace.count == 2 && buffer.trace.last == "a.lua:5: in main chunk", "\(buffer.trace)")
    }
    let time = try await Sandbox.failure(
      "while true do end", limits: ScriptLimits(cpu: .seconds(20), time: .milliseconds(200)))
    #expect(time.description == "a.lua:1: over the time budget of 200ms")
    let output = try await Sandbox.failure("while true do print('xxxxxxxxx') end", limits: ScriptLimits(output: 1000))
    #expect(output.kind == .budgetExceeded(.output))
  }

  @Test func resultsKeepTheirKinds() async throws {
    #expect(
      try await Sandbox.value("return { 1, 1.0, 1e100, -0.0, 'é', true, {}, { a = { 1 } } }") == [
        1, 1.0, 1e100, -0.0, "é", true, [:], ["a": [1]],
      ])
    #expect(try await Sandbox.value("return") == .null)
    let failure = try await Sandbox.failure("return { f = print }")
    #expect(
      failure.message == "the result of the script cannot be handed over: value.f is a function, which JSON has not")
  }

  @Test func whatIsPrintedComesAsItIs() async throws {
    #expect(
      try await Sandbox.output("print('a', nil, 1.5, {}, true) print() print(('x'):rep(200000):sub(-3))")
        == "a\tnil\t1.5\ttable\ttrue\n\nxxx\n")
    #expect(try await Sandbox.output("print(('x'):rep(200000))").utf8.count == 200_001)
    let host = try Sandbox.host()
    var invocation = Sandbox.invocation("print('x')")
    invocation.hasOutput = false
    let silent = invocation
    let failure = await #expect(throws: ScriptFailure.self) { try await host.run(silent) }
    #expect(failure?.message == "a.lua:1: 'print' is not available to scripts: there is no standard output here")
  }
}
