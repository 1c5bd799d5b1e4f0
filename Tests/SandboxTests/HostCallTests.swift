import Concurrency
import JSON
import ScriptHost
import Testing

/// Calls from a script to its host and back.
struct HostCallTests {
  private func run(
    _ source: String, _ call: @escaping @Sendable (HostCall) async -> HostAnswer
  ) async throws(ScriptFailure) -> JSON {
    let host: ScriptHost
    do { host = try Sandbox.host() } catch { throw ScriptFailure(.helper, "\(error)") }
    return try await host.run(
      Sandbox.invocation(source, functions: ["host.echo", "host.fail", "wait"]), call: call)
  }

  private let echo: @Sendable (HostCall) async -> HostAnswer = { .result(.array($0.arguments)) }

  @Test func valuesGoThereAndBack() async throws {
    let value = try await run(
      """
      local got = host.echo(nil, true, 1, 1.0, -0.5, math.maxinteger, "é\\0\\n", { 1, 2 }, { b = 1, a = {} }, nil, "last")
      return { got, math.type(got[3]), math.type(got[4]), #got }
      """, echo)
    #expect(
      value == [
        [
          .null, true, 1, 1.0, -0.5, 9_223_372_036_854_775_807, "é\0\n", [1, 2], ["a": [:], "b": 1], .null, "last",
        ], "integer", "float", 11,
      ])
  }

  /// Performs what is computed, and counts the calls of either way.
  private struct Computing: HostCalls {
    let counts = Locked((atOnce: 0, later: 0))

    func answerAtOnce(_ call: HostCall) -> HostAnswer? {
      counts.withLock { $0.atOnce += 1 }
      return perform(call)
    }

    func answer(_ call: HostCall) async -> HostAnswer {
      counts.withLock { $0.later += 1 }
      return perform(call)
    }

    func begin(_ call: HostCall) async {}
    func next() async -> BegunAnswer? { nil }

    private func perform(_ call: HostCall) -> HostAnswer {
      PureFunctions.answer(call, now: Timestamp(millisecondsSinceEpoch: 0), seed: (1, 2))
        ?? .failure(HostCallFailure(.internal, "only computed functions are called"))
    }
  }

  @Test func whatIsComputedIsTheSameOnEitherWay() async throws {
    let calls = Computing()
    var invocation = Sandbox.invocation(
      """
      for i = 1, 100 do
        local text = string.rep("x", 100 * i)
        if i % 10 == 0 then print(i) end
        assert(base64.decode(base64.encode(text)) == text)
        assert(yaml.parse("[1, 2]")[2] == 2)
        assert(#hash.sha256(text) == 64)
      end
      """)
    invocation.functions = HostFunctions.all(in: .declare)
    invocation.hasOutput = true
    _ = try await Sandbox.host().run(invocation, calls: calls)
    let counts = calls.counts.withLock { $0 }
    // Long texts, and what small texts may make long, are left to a task; so is what comes before somebody waits for it.
    #expect(counts.atOnce > 0)
    #expect(counts.later > 250)
    #expect(counts.atOnce + counts.later >= 400)
  }

  @Test func callsAreMadeOneByOneAndNamed() async throws {
    let calls = Locked<[HostCall]>([])
    let value = try await run("local sum = 0 for i = 1, 100 do sum = sum + host.echo(i)[1] end wait() return sum") {
      call in
      calls.withLock { $0.append(call) }
      return .result(.array(call.arguments))
    }
    #expect(value == 5050)
    let made = calls.withLock { $0 }
    #expect(made.count == 101)
    #expect(made.dropLast().map(\.arguments) == (1...100).map { [.integer($0)] })
    #expect(made.last?.function == "wait" && made.last?.arguments == [])
  }

  /// By the host: a script cannot say anything of it.
  @Test func cpuTimeIsMeasuredAtEachCall() async throws {
    let used = Locked<[Duration]>([])
    _ = try await run("wait() for i = 1, 5e6 do end wait() wait()") { call in
      used.withLock { $0.append(call.cpu) }
      if call.number == 2 { try? await Task.sleep(for: .milliseconds(50)) }
      return .result(.null)
    }
    let times = used.withLock { $0 }
    try #require(times.count == 3)
    #expect(times[0] > .zero)
    #expect(times[1] - times[0] > .milliseconds(2), "\(times)")
    // Waiting is free, and so is most of what lies between two calls.
    #expect(times[2] - times[1] < .milliseconds(45), "\(times)")
    #expect(times[2] < ScriptLimits().cpu)
  }

  @Test func nullOutermostIsNil() async throws {
    let value = try await run("local n = host.echo() return { type(n), n == nil }") { _ in .result(.null) }
    #expect(value == ["nil", true])
  }

  @Test func failuresAreRaisedAsValues() async throws {
    let value = try await run(
      """
      local ok, e = pcall(host.fail, "x")
      e.seen = true
      return { ok, e.code, e.op, e.message, e.retryable, e.details.status, tostring(e), type(getmetatable(e)),
        pcall(setmetatable, e, {}) }
      """
    ) { _ in .failure(HostCallFailure(.httpStatus, "it said 503", retryable: true, details: ["status": 503])) }
    #expect(
      value == [
        false, "http_status", "host.fail", "it said 503", true, 503, "a.lua:1: host.fail: it said 503", "boolean",
        false,
        "cannot change a protected metatable",
      ])
  }

  @Test func aFailureThatIsNotCaughtNamesItsPlace() async throws {
    let failure = await #expect(throws: ScriptFailure.self) {
      try await run("local function f()\n  host.fail()\nend\nf()") { _ in
        .failure(HostCallFailure(.notFound, "no app /a"))
      }
    }
    #expect(failure?.kind == .runtime)
    #expect(failure?.message == "a.lua:2: host.fail: no app /a")
    #expect(failure?.place == "a.lua:2")
    #expect(failure?.trace == ["a.lua:2: in local 'f'", "a.lua:4: in main chunk"])
  }

  @Test(arguments: [HostCallFailure.Code.cancelled, .budgetExceeded])
  func aFinalFailureIsRaisedByEveryFurtherCall(code: HostCallFailure.Code) async throws {
    let count = Locked(0)
    let value = try await run(
      """
      local codes = {}
      for i = 1, 5 do
        local ok, e = pcall(host.echo, i)
        codes[i] = ok or e.code
      end
      return codes
      """
    ) { call in
      count.withLock { $0 += 1 }
      return call.arguments == [2] ? .failure(HostCallFailure(code, "it is over")) : .result(true)
    }
    #expect(
      value == [true, .string(code.rawValue), .string(code.rawValue), .string(code.rawValue), .string(code.rawValue)])
    #expect(count.withLock { $0 } == 2, "the others do not reach the host")
  }

  @Test(arguments: [
    ("host.echo(print)", "host.echo: argument 1 is a function, which JSON has not"),
    ("host.echo({ a = { b = 0/0 } })", "argument 1.a.b is a number that JSON has not"),
    ("host.echo({ 1, x = 2 })", "argument 1 is neither a list nor a map: it has the keys 1 to n and others"),
    ("host.echo({ [2] = 1 })", "argument 1 is neither a list nor a map: its keys are not all strings, nor 1 to n"),
    ("local t = {} t.t = t host.echo(t)", "argument 1.t contains itself"),
    ("host.echo('\\xff')", "argument 1 is not UTF-8"),
    ("local t = {} for _ = 1, 70 do t = { t } end host.echo(t)", "is nested too deeply"),
    ("host.echo(('x'):rep(9 << 20))", "host.echo: what is handed over is larger than 8388608 bytes"),
    ("host.ecko()", "attempt to call a nil value (field 'ecko')"),
    ("hots.echo()", "undefined global 'hots': is 'host' meant?"),
    ("host.echo = nil", "'host' is read-only: cannot set echo"),
    ("wait = nil", "global 'wait' is read-only"),
  ])
  func whatCannotCrossIsRefusedWithItsPlace(source: String, message: String) async throws {
    let failure = await #expect(throws: ScriptFailure.self) { try await run(source, echo) }
    #expect(failure?.kind == .runtime)
    #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
    #expect(failure?.place == "a.lua:1")
  }

  @Test func anAnswerBeyondTheLimitIsAFailure() async throws {
    let invocation = Sandbox.invocation(
      "local ok, e = pcall(wait) return { ok, e.code, e.message }", limits: ScriptLimits(frame: 1000),
      functions: ["wait"])
    let value = try await Sandbox.host().run(
      invocation, call: { _ in .result(.string(String(repeating: "x", count: 1000))) })
    #expect(value == [false, "internal", "the answer has 1016 bytes; 1000 are allowed"])
  }

  @Test func callsWorkWhereLuaCannotYield() async throws {
    let value = try await run(
      """
      local t = { 3, 1, 2 }
      table.sort(t, function(a, b) return host.echo(a)[1] < host.echo(b)[1] end)
      local s = ("abc"):gsub(".", function(c) return host.echo(c:upper())[1] end)
      local co = coroutine.wrap(function() coroutine.yield(host.echo(1)[1]) return host.echo(2)[1] end)
      return { t, s, co(), co() }
      """, echo)
    #expect(value == [[1, 2, 3], "ABC", 1, 2])
  }

  @Test func scriptsThatWaitForTheHostKeepNobodyFromComputing() async throws {
    // One permit: each script waits in a call until all of them have called.
    let host = try Sandbox.host(concurrency: 1)
    let waiting = Locked(0)
    let all = AsyncSignal()
    try await withThrowingTaskGroup(of: JSON.self) { group in
      for _ in 0..<10 {
        group.addTask {
          try await host.run(
            Sandbox.invocation("return wait()", functions: ["wait"]),
            call: { _ in
              let count = waiting.withLock { count -> Int in
                count += 1
                return count
              }
              if count == 10 { all.fire() }
              try? await all.wait()
              return .result("on")
            })
        }
      }
      for try await value in group { #expect(value == "on") }
    }
  }

  @Test func cancellingTheTaskEndsTheScriptAndItsCall() async throws {
    let isCancelled = AsyncSignal()
    let started = AsyncSignal()
    let task = Task {
      try await run("wait()") { _ in
        started.fire()
        do { try await Task.sleep(for: .seconds(60)) } catch { isCancelled.fire() }
        return .result(.null)
      }
    }
    try await started.wait()
    task.cancel()
    let failure = await #expect(throws: ScriptFailure.self) { try await task.value }
    #expect(failure?.kind == .cancelled)
    #expect(isCancelled.isFired)
  }

  @Test func theDeadlineEndsACallToo() async throws {
    let host = try Sandbox.host()
    let invocation = Sandbox.invocation(
      "local ok = pcall(wait)\nreturn ok", limits: ScriptLimits(time: .milliseconds(300)), functions: ["wait"])
    let failure = await #expect(throws: ScriptFailure.self) {
      try await host.run(
        invocation,
        call: { _ in
          try? await Task.sleep(for: .seconds(60))
          return .result(true)
        })
    }
    #expect(failure?.kind == .budgetExceeded(.time))
    #expect(failure?.place == "a.lua:1", "\(String(describing: failure))")
  }
}
