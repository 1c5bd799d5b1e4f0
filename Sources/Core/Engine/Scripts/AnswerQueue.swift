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

  /// The first that there is.
  func take() -> Answer? {
    state.withLock { state in
      guard !state.answers.isEmpty else { return nil }
      let first = state.answers.removeFirst()
      if state.answers.isEmpty { state.isThere = AsyncSignal() }
      return first
    }
  }
}
