import Concurrency
import ScriptHost

/// The way of answers to a script, in the order in which they stand in the journal. Whoever waits may stop waiting and begin again without losing
/// what has come meanwhile.
final class AnswerQueue: Sendable {
  /// What a call gave, and when.
  struct Answer: Sendable {
    var call: Int
    var answer: HostAnswer
    var at: Timestamp
  }

  private struct State {
    var answers: [Answer] = []
    /// Fired when there is one.
    var isThere = AsyncSignal()

    mutating func take() -> Answer? {
      guard !answers.isEmpty else { return nil }
      let first = answers.removeFirst()
      if answers.isEmpty { isThere = AsyncSignal() }
      return first
    }
  }

  private let state = Locked(State())

  func put(_ answer: HostAnswer, to call: Int, at instant: Timestamp) {
    let signal = state.withLock { state in
      state.answers.append(Answer(call: call, answer: answer, at: instant))
      return state.isThere
    }
    signal.fire()
  }

  /// Returns when there is an answer.
  func wait() async throws {
    try await state.withLock { $0.isThere }.wait()
  }

  /// Returns when there is an answer to a call that the script did not know when it was run last. Those that it knew are dropped.
  func wait(unless isKnown: (Int) -> Bool) async throws {
    while true {
      try await wait()
      let isThere = state.withLock { state in
        while let first = state.answers.first, isKnown(first.call) { _ = state.take() }
        return !state.answers.isEmpty
      }
      if isThere { return }
    }
  }

  /// The first that there is.
  func take() -> Answer? {
    state.withLock { $0.take() }
  }
}
