import Concurrency
import JSON
import ScriptHost
import Testing

/// Branches of `parallel` in real workers.
struct ParallelTests {
  /// Answers calls of branches in an order that a test chooses, and notes what it was asked for.
  private final class Orderly: HostCalls {
    struct State {
      var made: [String] = []
      var open: [HostCall] = []
      var now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
    }

    let state = Locked(State())
    private let pick: @Sendable ([HostCall]) -> Int
    private let perform: @Sendable (HostCall) -> HostAnswer

    /// - Parameter pick: which of the open calls, in the order of their numbers, is answered next.
    init(
      pick: @escaping @Sendable ([HostCall]) -> Int = { _ in 0 },
      perform: @escaping @Sendable (HostCall) -> HostAnswer = { .result($0.arguments.first ?? .null) }
    ) {
      self.pick = pick
      self.perform = perform
    }

    var made: [String] { state.withLock { $0.made } }

    private func note(_ call: HostCall, _ how: String) {
      state.withLock { $0.made.append("\(how) \(call.number) \(call.function)") }
    }

    func answer(_ call: HostCall) async -> HostAnswer {
      let function = HostFunctions.named(call.function)
      if function?.isPure != true { note(call, "at once") }
      guard let function, function.isPure else { return perform(call) }
      switch function.check(call.arguments) {
      case .failure(let failure): return .failure(failure)
      case .success(let arguments):
        let now = state.withLock { $0.now }
        return PureFunctions.perform(function, arguments, ScriptContext(now: now, seed: (1, 2), call: call.number))
      }
    }

    func begin(_ call: HostCall) async {
      note(call, "begun")
      state.withLock { $0.open.append(call) }
    }

    func next() async -> BegunAnswer? {
      let call = state.withLock { state in
        // Each answer takes a second.
        state.now = state.now + .seconds(1)
        return state.open.remove(at: pick(state.open))
      }
      return BegunAnswer(call: call.number, answer: perform(call))
    }
  }

  private func run(_ source: String, _ calls: some HostCalls = Orderly(), limits: ScriptLimits = ScriptLimits())
    async throws -> JSON
  {
    var invocation = Sandbox.invocation(source, limits: limits)
    invocation.functions = HostFunctions.all(in: .hook) + [Sandbox.bare("host.echo")]
    return try await Sandbox.host().run(invocation, calls: calls)
  }

  private func failure(
    _ source: String, _ calls: some HostCalls = Orderly(), limits: ScriptLimits = ScriptLimits()
  ) async throws -> ScriptFailure {
    try #require(await #expect(throws: ScriptFailure.self) { try await run(source, calls, limits: limits) })
  }

  @Test func eachBranchGivesItsFirstResult() async throws {
    let value = try await run(
      """
      local r = parallel {
        function() return host.echo("a"), "more" end,
        function() end,
        function() return "at once" end,
        function() return host.echo("b") .. host.echo("c") end,
      }
      return { r[1], r[2] == nil, r[3], r[4], r.n, parallel({}).n }
      """)
    #expect(value == ["a", true, "at once", "bc", 4, 0])
  }

  @Test func callsGoOutBeforeAnyIsAnswered() async throws {
    let calls = Orderly(pick: { $0.count - 1 })
    let value = try await run(
      """
      local order = {}
      parallel {
        function() host.echo(1) order[#order + 1] = "a" host.echo(1) order[#order + 1] = "a2" end,
        function() host.echo(1) order[#order + 1] = "b" end,
        function() host.echo(1) order[#order + 1] = "c" end,
      }
      return order
      """, calls)
    #expect(value == ["c", "b", "a", "a2"])
    #expect(
      calls.made == ["begun 2 host.echo", "begun 3 host.echo", "begun 4 host.echo", "begun 5 host.echo"])
  }

  /// The same answers in the same order: the same calls.
  @Test func whatIsDoneFollowsFromTheOrderOfAnswers() async throws {
    let source = """
      local total = 0
      local r = parallel {
        function() for i = 1, 5 do total = total + host.echo(i) log.info(total, uuid(), time.now()) end end,
        function() for i = 1, 5 do total = total * 2 + host.echo(i) log.info(total, math.random(100)) end end,
        function() return retry({ attempts = 3 }, function(n) host.echo(n) if n < 3 then error("not yet") end return total end) end,
      }
      return { total, r[3] }
      """
    for seed in 1...5 {
      let pick = { @Sendable (open: [HostCall]) in (open[0].number &* 31 &+ seed) % open.count }
      let (first, second) = (Orderly(pick: pick), Orderly(pick: pick))
      let value = try await run(source, first)
      #expect(try await run(source, second) == value)
      #expect(first.made == second.made)
      #expect(first.made.count > 20)
    }
  }

  @Test func waitingFunctionsAndPcallWorkInBranches() async throws {
    let value = try await run(
      """
      local looks = 0
      local r = parallel {
        function() return wait_for("it", { timeout = "1m", every = "1s" }, function() looks = looks + 1 return looks > 2 and looks end) end,
        function() local ok, e = pcall(host.echo, "fail") return { ok, e.code } end,
        function() local ok, e = xpcall(function() host.echo(1) error("own", 0) end, function(e) return "handled " .. e end) return { ok, e } end,
        function() local answer, e = http.try_get("http://a.b/") return e.code end,
        function() local seen = {} for k in pairs(setmetatable({}, { __index = { "x" } })) do seen[#seen + 1] = k end return host.echo(#seen) end,
        function()
          local t = setmetatable({}, { __index = function(_, k) return host.echo(k) end, __close = function() host.echo("closed") end })
          do local x <close> = t end
          return t.field
        end,
        function() local n = 0 for i in function(_, i) i = host.echo(i + 1) if i < 4 then return i end end, nil, 0 do n = n + i end return n end,
      }
      return { r[1], r[2], r[3], r[4], r[5], r[6], r[7] }
      """,
      Orderly(perform: { call in
        if call.arguments == ["fail"] { return .failure(HostCallFailure(.notFound, "no")) }
        if call.function == "http.get" { return .failure(HostCallFailure(.unavailable, "nobody there")) }
        return .result(call.function == "time.sleep" ? .null : call.arguments.first ?? .null)
      }))
    #expect(value == [3, [false, "not_found"], [false, "handled own"], "unavailable", 0, "field", 6])
  }

  @Test(arguments: [
    "table.sort({ 2, 1 }, function(a, b) return host.echo(a) < host.echo(b) end)",
    "('a'):gsub('.', function(c) return host.echo(c) end)",
    "tostring(setmetatable({}, { __tostring = function() return host.echo('x') end }))",
    "coroutine.wrap(function() host.echo(1) end)()",
    "local co = coroutine.create(function() host.echo(1) end) local _, e = coroutine.resume(co) error(e, 0)",
    "for _ in coroutine.wrap(function() coroutine.yield(1) host.echo(2) end) do end",
  ])
  func whereLuaCannotWaitIsToldAtTheCallersLine(body: String) async throws {
    let calls = Orderly()
    let failure = try await failure("parallel { function()\n\(body)\nend }", calls)
    #expect(failure.message.hasPrefix("a.lua:2: host.echo: a branch of parallel cannot wait"), "\(failure)")
    #expect(failure.raised?.code == .invalidArgument)
    #expect(calls.made == [])
    // Pure functions work there, too.
    let value = try await run(
      "return parallel { function() return (('a'):gsub('.', function(c) return hash.sha1(c) end)) end }[1]")
    #expect(value == "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")
  }

  @Test(arguments: [
    ("parallel { function() parallel {} end }", "parallel: is called by a branch of another parallel"),
    ("parallel { function() coroutine.yield(1) end }", "attempt to yield from outside a coroutine"),
    ("parallel(print)", "parallel: argument 1 (branches) must be a list of functions, is a function"),
    ("parallel()", "parallel: argument 1 (branches) must be a list of functions, is nil"),
    ("parallel { print, 5 }", "parallel: argument 1 (branches)[2] must be a function, is a number"),
    ("parallel { print, a = print }", "parallel: argument 1 (branches) must be a list of functions, has the key a"),
    (
      "local t = {} for i = 1, 101 do t[i] = print end parallel(t)",
      "parallel: argument 1 (branches) has 101 functions; 100 may run at once"
    ),
  ])
  func misuseIsToldAtTheCallersLine(call: String, message: String) async throws {
    let failure = try await failure("local x\n\(call)")
    #expect(failure.description.hasPrefix("a.lua:2: \(message)"), "\(failure)")
  }

  @Test func theFirstErrorIsRaisedAsItWasWhenAllHaveEnded() async throws {
    let calls = Orderly(pick: { $0.count - 1 })
    let value = try await run(
      """
      local ended = {}
      local first = setmetatable({ mine = true }, { __tostring = function() error("no text") end })
      local ok, e = pcall(parallel, {
        function() host.echo(1) host.echo(1) ended[#ended + 1] = "a" error(first) end,
        function() host.echo(1) fail("early", { n = 7 }) end,
        function() host.echo(1) ended[#ended + 1] = "c" end,
        function() error(first) end,
        function() error(first) end,
      })
      return { ok, rawequal(e, first), e.mine, ended }
      """, calls)
    #expect(value == [false, true, true, ["c", "a"]])
    #expect(calls.made.filter { $0.hasPrefix("at once") && $0.hasSuffix("log.warn") }.count == 3, "\(calls.made)")
    let named = Locked<[String]>([])
    let failure = try await failure(
      "parallel { function() host.echo(1) fail('one', { n = 7 }) end,\nfunction() host.echo(1) error('two') end }",
      Orderly(perform: { call in
        if call.function == "log.warn" { named.withLock { $0.append(call.arguments.first?.stringValue ?? "") } }
        return .result(1)
      }))
    #expect(failure.raised == HostCallFailure(.failed, "one", details: ["n": 7]))
    #expect(failure.description == "a.lua:1: one")
    #expect(failure.trace == ["a.lua:1: in function at line 1", "a.lua:1: in main chunk"])
    #expect(named.withLock { $0 } == ["parallel: branch 2 has failed, too: a.lua:2: two"])
  }

  @Test func whatABranchHasOpenIsClosedWhenItFails() async throws {
    let calls = Orderly()
    let value = try await run(
      """
      local closed
      local ok, e = pcall(parallel, {
        function()
          local x <close> = setmetatable({}, { __close = function(_, e) closed = { e, host.echo("closing") } end })
          host.echo(1)
          error("over", 0)
        end,
      })
      return { ok, e, closed }
      """, calls)
    #expect(value == [false, "over", ["over", "closing"]])
  }

  /// What ends the script ends it in all branches, at once.
  @Test(arguments: [HostCallFailure.Code.cancelled, .budgetExceeded])
  func aFinalErrorDoesNotWaitForOtherBranches(code: HostCallFailure.Code) async throws {
    let calls = Orderly(
      pick: { $0.count - 1 },
      perform: { $0.arguments == ["end"] ? .failure(HostCallFailure(code, "it is over")) : .result(1) })
    let failure = try await failure(
      """
      local others = 0
      pcall(parallel, { function() host.echo(1) others = others + 1 end, function() pcall(host.echo, "end") others = others + 1 end })
      pcall(parallel, { function() host.echo(1) end })
      return others
      """, calls)
    #expect(failure.raised?.code == code, "\(failure)")
    #expect(calls.made.count == 2)
  }

  /// A branch is the host's to go on with.
  @Test func aScriptCannotResumeABranch() async throws {
    let value = try await run(
      """
      local first
      local r = parallel {
        function() first = coroutine.running() return { host.echo("right"), coroutine.isyieldable() } end,
        function()
          local ok, e = coroutine.resume(first, { ok = "forged" })
          local wrapped, more = pcall(coroutine.wrap(function() return coroutine.resume(first, { id = 1, ok = "forged" }) end))
          return { ok, e, more }
        end,
      }
      return { r[1], r[2], coroutine.resume(first) }
      """)
    #expect(
      value == [
        ["right", false], [false, "cannot resume non-suspended coroutine", false], false,
        "cannot resume dead coroutine",
      ])
    let failure = try await failure(
      """
      local first
      pcall(parallel, { function() first = coroutine.running() host.echo("a") log.error("forged") end, function() host.echo("end") end })
      coroutine.resume(first, { ok = "forged" })
      """,
      Orderly(
        pick: { $0.count - 1 },
        perform: { $0.arguments == ["end"] ? .failure(HostCallFailure(.cancelled, "over")) : .result(1) }))
    #expect(failure.raised?.code == .cancelled)
  }

  @Test func budgetsHoldInBranches() async throws {
    let limits = ScriptLimits(cpu: .milliseconds(150), memory: 8 << 20, time: .seconds(5))
    let loop = try await failure(
      "parallel { function() host.echo(1) end,\nfunction() while true do pcall(function() while true do end end) end end }",
      limits: limits)
    #expect(loop.kind == .budgetExceeded(.cpu))
    #expect(loop.place == "a.lua:2")
    let hoard = try await failure(
      "parallel { function() host.echo(1) end, function() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end end }",
      limits: limits)
    #expect(hoard.kind == .budgetExceeded(.memory))
    let waits = ScriptLimits(time: .milliseconds(300))
    var invocation = Sandbox.invocation(
      "local ok = pcall(parallel, { function() wait() end })\nreturn ok", limits: waits)
    invocation.functions = HostFunctions.all(in: .hook) + [Sandbox.bare("wait")]
    let waiting = invocation
    let late = await #expect(throws: ScriptFailure.self) {
      try await Sandbox.host().run(waiting, call: { await Self.sleepy($0) })
    }
    #expect(late?.kind == .budgetExceeded(.time))
    #expect(late?.place == "a.lua:1", "\(String(describing: late))")
  }

  private static func sleepy(_ call: HostCall) async -> HostAnswer {
    guard call.function == "wait" else { return .result(.null) }
    try? await Task.sleep(for: .seconds(60))
    return .result(true)
  }

  /// With a closure in their place calls are performed at once, and answered as each ends.
  @Test func aClosurePerformsCallsOfBranchesBesideEachOther() async throws {
    var invocation = Sandbox.invocation(
      "local r = parallel { function() return meet(1) end, function() return meet(2) end, function() return meet(3) end } return { r[1], r[2], r[3] }"
    )
    invocation.functions = HostFunctions.all(in: .hook) + [Sandbox.bare("meet")]
    let waiting = Locked(0)
    let all = AsyncSignal()
    let value = try await Sandbox.host().run(
      invocation,
      call: { call in
        guard call.function == "meet" else { return .result(.null) }
        let count = waiting.withLock { count -> Int in
          count += 1
          return count
        }
        if count == 3 { all.fire() }
        try? await all.wait()
        return .result(call.arguments[0])
      })
    #expect(value == [1, 2, 3])
  }

  @Test func aHundredBranches() async throws {
    let value = try await run(
      """
      local list = {}
      for i = 1, 100 do list[i] = function() local sum = 0 for j = 1, 5 do sum = sum + host.echo(i * j) end return sum end end
      local r, sum = parallel(list), 0
      for i = 1, r.n do sum = sum + r[i] end
      return sum
      """, Orderly(pick: { $0.count / 2 }))
    #expect(value == .integer(15 * 5050))
  }
}
