import Concurrency
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

@testable import Engine

/// Scripts that go on before what they have called for stands in the journal.
@Suite(.timeLimit(.minutes(1))) struct ScriptLeadTests {
  /// A script whose run has not answered yet.
  private struct Silence: Sendable {
    let clock = LeapingTime(horizon: .zero)
    let answers = AnswerQueue()
    let posted = Locked<[ScriptCall]>([])

    /// The conversation of a script that gets the answers to puts in advance.
    func conversation() async throws -> ScriptConversation {
      ScriptConversation(
        history: CallHistory(), since: clock.now(), seed: (0, 0), answers: answers, time: clock,
        place: try await WorkerPlaces(1).take(), replays: nil,
        post: { call in
          posted.withLock { $0.append(call) }
          return call.isPut ? .result(.null) : nil
        })
    }

    func answer(_ calls: ClosedRange<Int>, at instant: Timestamp) {
      for call in calls { _ = answers.put(.result(.null), to: call, at: instant) }
    }

    func run(
      _ conversation: ScriptConversation, _ body: @escaping @Sendable (any HostCalls) async throws -> Void
    ) async -> RunStateMachine.ScriptEnd? {
      await conversation.end(of: Script(body: body), ScriptInvocation(name: "a.lua", source: [], seed: (0, 0)))
    }
  }

  private struct Script: ScriptExecutor {
    let body: @Sendable (any HostCalls) async throws -> Void

    func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
      do {
        try await body(calls)
      } catch {
        throw ScriptFailure(.cancelled, "\(error)")
      }
    }
  }

  private static func put(_ calls: any HostCalls, _ number: Int, _ value: JSON) async throws {
    try await ask(calls, number, "cassandra.put", ["k", value])
  }

  private static func ask(
    _ calls: any HostCalls, _ number: Int, _ function: String, _ arguments: [JSON] = []
  ) async throws {
    let call = HostCall(number: number, function: function, arguments: arguments)
    if case .failure(let failure) = await calls.answer(call) { throw failure }
  }

  @Test func aScriptIsAtMost64PutsAhead() async throws {
    let silence = Silence()
    let conversation = try await silence.conversation()
    async let end = silence.run(conversation) { calls in
      for number in 1...200 { try await Self.put(calls, number, 1) }
    }
    for step in [65, 130, 195] {
      try await eventually("waits at \(step)") { silence.posted.withLock { $0.count } == step }
      for _ in 0..<100 { await Task.yield() }
      #expect(silence.posted.withLock { $0.count } == step)
      silence.answer(step - 64...step, at: silence.clock.now())
    }
    #expect(await end == .returned)
    #expect(silence.posted.withLock { $0.map(\.number) } == Array(1...200))
  }

  @Test func aScriptIsAtMost64KiBAhead() async throws {
    let silence = Silence()
    let conversation = try await silence.conversation()
    async let end = silence.run(conversation) { calls in
      for number in 1...4 { try await Self.put(calls, number, .string(String(repeating: "x", count: 30_000))) }
    }
    try await eventually("waits with the third") { silence.posted.withLock { $0.count } == 3 }
    for _ in 0..<100 { await Task.yield() }
    #expect(silence.posted.withLock { $0.count } == 3)
    silence.answer(1...3, at: silence.clock.now())
    #expect(await end == .returned)
  }

  /// As in a replay, where the journal tells when it was given.
  @Test func theTimeIsThatOfTheLastAnswerOfTheJournal() async throws {
    let silence = Silence()
    let conversation = try await silence.conversation()
    let time = Locked<HostAnswer?>(nil)
    let isAhead = AsyncSignal()
    let instant = silence.clock.now() + .seconds(5)
    async let end = silence.run(conversation) { calls in
      for number in 1...2 { try await Self.put(calls, number, 1) }
      let call = HostCall(number: 3, function: "time.now", arguments: [])
      #expect(calls.answerAtOnce(call) == nil)
      #expect(calls.answerAtOnce(HostCall(number: 3, function: "uuid", arguments: [])) != nil)
      isAhead.fire()
      let now = await calls.answer(call)
      time.withLock { $0 = now }
      #expect(calls.answerAtOnce(call) == now)
    }
    try await isAhead.wait()
    silence.answer(1...1, at: instant - .seconds(1))
    for _ in 0..<100 { await Task.yield() }
    #expect(time.withLock { $0 } == nil)
    silence.answer(2...2, at: instant)
    #expect(await end == .returned)
    #expect(time.withLock { $0 } == .result(.string(instant.description)))
    #expect(silence.posted.withLock { $0.count } == 2)
  }

  /// While the store cannot be written, say. Whoever runs it again must be called by the answers that it waits for.
  @Test(arguments: [true, false]) func aScriptThatWaitsForItsJournalKeepsNoWorkerForLong(asksForTime: Bool) async throws
  {
    let silence = Silence()
    let conversation = try await silence.conversation()
    let isAhead = AsyncSignal()
    async let end = silence.run(conversation) { calls in
      try await Self.put(calls, 1, 1)
      isAhead.fire()
      try await Self.ask(calls, 2, asksForTime ? "time.now" : "marathon.info")
    }
    try await isAhead.wait()
    let isOver = Locked(false)
    async let time: Void = {
      while !isOver.withLock({ $0 }) {
        silence.clock.advance(by: .seconds(10))
        try? await Task.sleep(for: .milliseconds(1))
      }
    }()
    #expect(await end == .suspended)
    isOver.withLock { $0 = true }
    await time
    #expect(conversation.knownCalls == (asksForTime ? [] : [1]))
    #expect(silence.answers.park(unless: conversation.knownCalls))
    #expect(silence.answers.put(.result(.null), to: 1, at: silence.clock.now()) == asksForTime)
  }

  /// Whoever is let go just as it gets what it waits for is called by that again.
  @Test func noAnswerIsTakenByAScriptThatIsLetGo() async throws {
    for _ in 1...200 {
      let silence = Silence()
      let conversation = try await silence.conversation()
      let isAhead = AsyncSignal()
      async let end = silence.run(conversation) { calls in
        try await Self.put(calls, 1, 1)
        isAhead.fire()
        try await Self.ask(calls, 2, "time.now")
      }
      try await isAhead.wait()
      try await eventually("is watched") { silence.clock.sleeperCount == 1 }
      async let time: Void = { for _ in 1...3 { silence.clock.advance(by: .seconds(30)) } }()
      silence.answer(1...1, at: silence.clock.now())
      await time
      // In which of both ways it ends is up to the moment.
      guard await end == .suspended else { continue }
      #expect(!silence.answers.park(unless: conversation.knownCalls))
    }
  }

  /// A script that ends by itself while its server stops, or its run, may have got answers for which nothing was done.
  @Test(arguments: [true, false]) func noScriptHasEndedWhoseCallsWereLost(isStopping: Bool) throws {
    let application = application("a") { $0.hooks[.beforeScheduler] = [.lua(HookScript(.text("script")))] }
    var bench = StateMachineTests.Bench(stack([application]))
    bench.start()
    let token = try #require(
      bench.open.lazy.compactMap { action -> Int? in
        if case .runScript(_, let token, _) = action { token } else { nil }
      }.first)
    let call = ScriptCall(number: 1, function: "log.info", arguments: ["message": "soon"])
    bench.feed(.called(application: "a", token: token, call, nil))
    #expect(bench.journal.contains { if case .logged = $0 { true } else { false } })
    bench.feed(isStopping ? .stop : .cancel(by: "u"))
    let before = bench.journal.count
    bench.feed(
      .called(
        application: "a", token: token,
        ScriptCall(number: 2, function: "log.info", arguments: ["message": "now"]), nil))
    bench.feed(.scriptEnded(application: "a", token: token, .returned))
    let outcomes = bench.journal[before...].compactMap { entry -> JournalEntry.Outcome? in
      if case .outcome(_, let outcome) = entry { outcome } else { nil }
    }
    #expect(!outcomes.contains { if case .succeeded = $0 { true } else { false } }, "\(outcomes)")
    #expect(bench.machine.state != .succeeded)
  }
}
