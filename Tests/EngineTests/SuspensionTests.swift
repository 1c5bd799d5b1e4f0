import Concurrency
import EngineFakes
import JSON
import ScriptHost
import Testing

@testable import Engine

/// Scripts that are let go because they wait for long.
@Suite struct SuspensionTests {
  /// What a worker does whose script gets no answer: it ends at once, or its script goes on after the error.
  private struct Worker: ScriptExecutor {
    let catches: Bool

    func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
      _ = await calls.answer(HostCall(number: 1, function: "approval", arguments: ["go"]))
      if !catches { throw ScriptFailure(.cancelled, "the script is no longer wanted") }
    }
  }

  /// Asks the run for something when it may, and gets no answer.
  private struct LateAsker: ScriptExecutor {
    let mayAsk: AsyncSignal

    func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
      try? await mayAsk.wait()
      _ = await calls.answer(HostCall(number: 1, function: "marathon.info", arguments: []))
    }
  }

  /// Tells how often it was asked for the uptime.
  private struct ReadTime: TimeSource {
    let clock: LeapingTime
    let reads = Locked(0)

    func now() -> Timestamp { clock.now() }
    func uptime() -> Duration {
      reads.withLock { $0 += 1 }
      return clock.uptime()
    }
    func sleep(until deadline: Timestamp) async throws { try await clock.sleep(until: deadline) }
    func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }
  }

  /// Not from the script's start, nor from when somebody last looked.
  @Test func aWorkerIsKeptForHalfAMinuteOfWaiting() async throws {
    let clock = LeapingTime(horizon: .zero)
    let time = ReadTime(clock: clock)
    let (mayAsk, isOver) = (AsyncSignal(), AsyncSignal())
    let conversation = ScriptConversation(
      history: CallHistory(), since: time.now(), seed: (0, 0), answers: AnswerQueue(), time: time,
      place: try await WorkerPlaces(1).take(), replays: nil, post: { _ in nil })
    async let end = {
      defer { isOver.fire() }
      return await conversation.end(
        of: LateAsker(mayAsk: mayAsk), ScriptInvocation(name: "a.lua", source: [], seed: (0, 0)))
    }()
    try await eventually("is watched") { clock.sleeperCount == 1 }
    clock.advance(by: .seconds(20))
    mayAsk.fire()
    try await eventually("waits") { time.reads.withLock { $0 } == 1 }
    clock.advance(by: .seconds(10))
    try await eventually("is watched for longer") { time.reads.withLock { $0 } == 2 && clock.sleeperCount == 1 }
    clock.advance(by: .seconds(19))
    for _ in 0..<100 { await Task.yield() }
    #expect(clock.sleeperCount == 1 && !isOver.isFired)
    clock.advance(by: .seconds(1))
    #expect(await end == .suspended)
  }

  /// However soon its end is seen, it is none: the script is run again.
  @Test(arguments: [false, true])
  func theEndOfAWorkerThatWasLetGoIsNoEnd(catches: Bool) async throws {
    for _ in 1...300 {
      let place = try await WorkerPlaces(1).take()
      let conversation = ScriptConversation(
        history: CallHistory(), since: Timestamp(millisecondsSinceEpoch: 0), seed: (0, 0), answers: AnswerQueue(),
        time: LeapingTime(), place: place, replays: nil, post: { _ in nil })
      let invocation = ScriptInvocation(name: "a.lua", source: [], seed: (0, 0))
      #expect(await conversation.end(of: Worker(catches: catches), invocation) == .suspended)
    }
  }
}
