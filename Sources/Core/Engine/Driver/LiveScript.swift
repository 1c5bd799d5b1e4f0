import Concurrency
import ScriptHost

/// A script that this server runs, as the driver reaches it.
struct LiveScript: Sendable {
  struct Key: Sendable, Hashable {
    var application: String
    var token: Int
  }

  /// Takes the answer to the call that the script waits for.
  let answers = AnswerBox()
  /// Fired when the script is to end.
  let cancel = AsyncSignal()
}

/// The way of answers to a script, which makes one call after another. Whoever waits may stop waiting and begin again without
/// losing what has come meanwhile.
final class AnswerBox: Sendable {
  /// What a call gave, and when.
  struct Answer: Sendable {
    var answer: HostAnswer
    var at: Timestamp
  }

  private struct State {
    var answer: Answer?
    /// Fired when there is one.
    var isThere = AsyncSignal()
  }

  private let state = Locked(State())

  func put(_ answer: HostAnswer, at instant: Timestamp) {
    let signal = state.withLock { state in
      state.answer = Answer(answer: answer, at: instant)
      return state.isThere
    }
    signal.fire()
  }

  /// Returns when there is an answer.
  func wait() async throws {
    try await state.withLock { $0.isThere }.wait()
  }

  func take() -> Answer? {
    state.withLock { state in
      defer { state = State() }
      return state.answer
    }
  }
}
