import Concurrency
import Glibc
import JSON
import ScriptHost
import Testing

/// Functions of the registry, from a script to who performs them and back.
struct HostFunctionTests {
  /// Performs what is pure, keeps what is logged and slept, and lets time go by with each sleep.
  private final class Performer: Sendable {
    struct State {
      var now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
      var log: [String] = []
      var slept: [String] = []
    }

    let state = Locked(State())

    func answer(_ call: HostCall) -> HostAnswer {
      guard let function = HostFunctions.named(call.function) else { return .failure(HostCallFailure(.internal, "?")) }
      let arguments: JSONObject
      switch function.check(call.arguments) {
      case .success(let checked): arguments = checked
      case .failure(let failure): return .failure(failure)
      }
      return state.withLock { state in
        switch call.function {
        case "time.sleep":
          let replay = arguments["replay"]?.boolValue == true ? " (replay)" : ""
          state.slept.append("\(arguments.string("duration") ?? "") \(arguments.string("why") ?? "")\(replay)")
          state.now = state.now + (arguments.duration("duration") ?? .zero)
          return .result(.null)
        case _ where call.function.hasPrefix("log."):
          state.log.append("\(call.function.dropFirst(4)): \(arguments.string("message") ?? "")")
          return .result(.null)
        case "http.get": return HTTPCall.answer(status: 200, headers: [], body: [])
        case "http.post": return .failure(HostCallFailure(.unavailable, "nobody there", retryable: true))
        case "vars.get": return .result(arguments.string("name") == "a" ? "A" : .null)
        default:
          return PureFunctions.perform(
            function, arguments, ScriptContext(now: state.now, seed: (1, 2), call: call.number))
        }
      }
    }
  }

  private let performer = Performer()

  private func run(_ source: String, without: Set<String> = [], hasOutput: Bool = false) async throws -> JSON {
    var invocation = Sandbox.invocation(source)
    invocation.functions = HostFunctions.all(in: .hook).filter { !without.contains($0.name) }
    invocation.hasOutput = hasOutput
    let performer = performer
    return try await Sandbox.host().run(invocation, call: { performer.answer($0) })
  }

  private func failure(_ source: String) async throws -> ScriptFailure {
    try #require(await #expect(throws: ScriptFailure.self) { try await run(source) })
  }

  @Test func pureFunctionsAnswer() async throws {
    let value = try await run(
      """
      return { hash.sha1("abc"), base64.decode(base64.encode("é")), time.now(), time.parse(time.now()), vars.get("a"), vars.get("b") == nil,
        #uuid(), uuid() ~= uuid() }
      """)
    #expect(
      value == [
        "a9993e364706816aba3e25717850c26c9cd0d89d", "é", "2027-01-15T08:00:00.000Z", 1_800_000_000.0, "A", true, 36,
        true,
      ])
  }

  @Test(arguments: [
    (
      "vars.set(1, {})",
      "vars.set: argument 1 (name) must be a string, is a number; argument 2 (value) must be a string, is an empty table"
    ),
    (
      "time.sleep(10)", "time.sleep: argument 1 (duration) must be a duration such as \"10m\" or \"1m30s\", is a number"
    ),
    ("hash.sha256()", "hash.sha256: argument 1 (text) must be a string, is nil"),
    ("hash.sha256('a', 'b')", "hash.sha256: takes 1 argument, 2 were given"),
    ("retry({ atempts = 2 }, print)", "retry: argument 1 (options) has no field 'atempts': is 'attempts' meant?"),
    ("retry({ attempts = 0 }, print)", "retry: argument 1 (options).attempts must lie between 1 and 1000, is 0"),
    ("retry({})", "retry: argument 2 (fn) must be a function, is nil"),
    (
      "wait_for('x', { timeout = 5 }, print)",
      "wait_for: argument 2 (options).timeout must be a duration such as \"10m\" or \"1m30s\", is a number"
    ),
    ("wait_for('x', { timeout = '5s' }, {})", "wait_for: argument 3 (fn) must be a function, is a table"),
    ("log.info(function() end, nil, {}) error('after', 0)", "after"),
    ("fail('disk is full')", "disk is full"), ("fail()", "fail: argument 1 (message) must be a string, is nil"),
  ])
  func misuseIsToldAtTheCallersLine(call: String, message: String) async throws {
    let failure = try await failure("local x\n\(call)")
    #expect(failure.description == "a.lua:2: \(message)")
    #expect(failure.trace == ["a.lua:2: in main chunk"])
  }

  @Test func tryFormsReturnTheError() async throws {
    let value = try await run(
      """
      local answer, e = http.try_get("http://a.b/there", { timeout = "5s" })
      local nothing, failure = http.try_post("http://a.b/gone")
      local ok, misuse = pcall(http.try_get, 5)
      return { answer.status, e == nil, nothing == nil, failure.code, failure.op, tostring(failure), ok, misuse.code }
      """)
    #expect(
      value == [
        200, true, true, "unavailable", "http.post", "a.lua:2: http.post: nobody there", false, "invalid_argument",
      ])
  }

  @Test func failIsRaisedWithItsDetails() async throws {
    let failure = try await failure("fail('no\\ndisk', { free = 0 })")
    #expect(failure.raised == HostCallFailure(.failed, "no\ndisk", details: ["free": 0]))
    #expect(failure.message == "a.lua:1: no disk", "an error's text is one line")
    let caught = try await run(
      "local ok, e = pcall(fail, 'x', { 1 }) return { ok, e.code, e.details, e.retryable, e.cause == nil }")
    #expect(caught == [false, "failed", [1], false, true])
  }

  @Test func linesAreMadeOfAnything() async throws {
    _ = try await run(
      """
      log.info("a", 1, nil, true, setmetatable({}, { __tostring = function() log.debug("inside") return "T" end }), "\\xffé")
      print("printed", 2)
      log.warn()
      """)
    #expect(
      performer.state.withLock { $0.log } == [
        "debug: inside", "info: a 1 nil true T \u{FFFD}é", "info: printed 2", "warn: ",
      ])
    _ = try await run("print('out')", hasOutput: true)
    #expect(performer.state.withLock { $0.log.count } == 4, "there it goes to standard output")
  }

  @Test func retryTriesAgainWithGrowingPauses() async throws {
    let value = try await run(
      """
      local seen = {}
      local a, b, c = retry({ attempts = 4, backoff = "2s" }, function(attempt)
        seen[#seen + 1] = attempt
        if attempt < 4 then error("not yet") end
        return "a", nil, "c"
      end)
      return { seen, a, b == nil, c }
      """)
    #expect(value == [[1, 2, 3, 4], "a", true, "c"])
    #expect(
      performer.state.withLock { $0.slept } == ["2s attempt 2 of 4", "4s attempt 3 of 4", "8s attempt 4 of 4"])
  }

  @Test func retryEndsWithTheLastErrorOrWithOneThatWillNotPass() async throws {
    #expect(try await failure("retry({ attempts = 2 }, function() error('x' , 0) end)").message == "x")
    #expect(performer.state.withLock { $0.slept.count } == 1)
    #expect(try await failure("retry({}, function() fail('for good') end)").raised?.code == .failed)
    #expect(performer.state.withLock { $0.slept.count } == 1)
  }

  @Test func waitForLooksUntilItIsThere() async throws {
    let value = try await run(
      """
      local n = 0
      return { wait_for("the brokers", { timeout = "1m", every = "5s" }, function() n = n + 1 return n == 3 and "there" end), n }
      """)
    #expect(value == ["there", 3])
    #expect(performer.state.withLock { $0.slept } == ["5s waits for the brokers", "5s waits for the brokers"])
  }

  /// A long wait costs few replays, and comes late by a tenth at most.
  @Test func waitForLooksLessOftenAfterAWhile() async throws {
    let timesOut = try await run(
      "return pcall(wait_for, 'it', { timeout = '24h', every = '2s' }, function() return false end) or 'timed out'")
    #expect(timesOut == "timed out")
    let slept = performer.state.withLock { $0.slept }
    #expect(slept.prefix(15).allSatisfy { $0 == "2s waits for it" })
    #expect(Array(slept[15...17]) == Array(repeating: "10s waits for it (replay)", count: 3))
    #expect(slept.contains("1m5s waits for it (replay)"))
    #expect(slept.count { $0 == "10m0s waits for it (replay)" } > 120)
    #expect(slept.count < 230, "\(slept.count)")
    performer.state.withLock { $0.slept = [] }
    _ = try await run(
      "return pcall(wait_for, 'it', { timeout = '1h', every = '20m' }, function() return false end) or ''")
    #expect(
      performer.state.withLock { $0.slept }
        == ["20m0s waits for it", "20m0s waits for it (replay)", "20m0s waits for it (replay)"])
  }

  @Test func waitForEndsWithTheCause() async throws {
    let failure = try await failure(
      """
      local app = nil
      wait_for("the brokers", { timeout = "3s", every = "2s" }, function() return app end)
      """)
    #expect(failure.description == "a.lua:2: wait_for: waited 3s for the brokers")
    #expect(failure.raised == HostCallFailure(.timeout, "waited 3s for the brokers", retryable: true))
    #expect(performer.state.withLock { $0.slept.last } == "1s waits for the brokers", "the last pause is what is left")
    let caused = try await run(
      """
      local tries = 0
      local ok, e = pcall(wait_for, "it", { timeout = "2s" }, function()
        tries = tries + 1
        wait_for("more", { timeout = "0s" }, function() return false end)
      end)
      return { ok, tries, e.cause, tostring(e) }
      """)
    let cause = "a.lua:4: wait_for: waited 0s for more"
    #expect(caused == [false, 3, .string(cause), .string("a.lua:2: wait_for: waited 2s for it: \(cause)")])
    #expect(
      try await self.failure("wait_for('x', { timeout = '1m' }, function() return nil .. 'x' end)").message.contains(
        "concatenate"))
  }

  @Test func whatAWrapperNeedsIsThereOrItIsNot() async throws {
    let error = await #expect(throws: ScriptFailure.self) { try await run("retry({}, print)", without: ["time.sleep"]) }
    #expect(error?.message.contains("undefined global 'retry'") == true)
  }

  /// The host's own Lua shows neither in errors nor in what scripts reach.
  @Test func theHostsLuaIsNotSeen() async throws {
    for source in [
      "retry({ attempts = 1 }, function() error('x', 2) end)", "retry({ attempts = 1 }, function() error('x', 3) end)",
      "retry({ attempts = 1 }, function() local a = nil; a() end)",
      "wait_for('x', { timeout = '1s' }, function() fail('x') end)",
      "log.info(setmetatable({}, { __tostring = function() return {} end }))",
    ] {
      let failure = try await failure(source)
      for word in ["host:", "?:", "[C]", "(host)"] {
        #expect(
          !failure.description.contains(word) && !failure.trace.joined().contains(word),
          "\(source): \(failure) \(failure.trace)")
      }
    }
  }

  @Test func everyFunctionIsThere() async throws {
    for function in HostFunctions.all(in: .hook) {
      #expect(try await run("return type(\(function.name))") == "function", "\(function.name)")
    }
  }
}
