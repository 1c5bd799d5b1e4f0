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

  /// However soon its end is seen, it is none: the script is run again.
  @Test(arguments: [false, true])
  func theEndOfAWorkerThatWasLetGoIsNoEnd(catches: Bool) async throws {
    for _ in 1...300 {
      let place = try await WorkerPlaces(1).take()
      let conversation = ScriptConversation(
        history: CallHistory(), since: Timestamp(millisecondsSinceEpoch: 0), seed: (0, 0), answers: AnswerQueue(),
        time: LeapingTime(), place: place, replays: nil, post: { _ in })
      let invocation = ScriptInvocation(name: "a.lua", source: [], seed: (0, 0))
      #expect(await conversation.end(of: Worker(catches: catches), invocation) == .suspended)
    }
  }
}
