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
    /// Where nobody waits: the calls whose answers nobody needs.
    var known: Set<Int>?

    mutating func take() -> Answer? {
      guard !answers.isEmpty else { return nil }
      let first = answers.removeFirst()
      if answers.isEmpty { isThere = AsyncSignal() }
      return first
    }
  }

  private let state = Locked(State())

  /// - Returns: whether nobody waits, and somebody should from here on.
  func put(_ answer: HostAnswer, to call: Int, at instant: Timestamp) -> Bool {
    let (signal, isNeeded) = state.withLock { state -> (AsyncSignal?, Bool) in
      if state.known?.contains(call) == true { return (nil, false) }
      let isNeeded = state.known != nil
      state.known = nil
      state.answers.append(Answer(call: call, answer: answer, at: instant))
      return (state.isThere, isNeeded)
    }
    signal?.fire()
    return isNeeded
  }

  /// Nobody waits from here on, unless there is an answer to a call that the script did not know when it was run last: false then. Answers that it
  /// knew are dropped, now and later.
  func park(unless known: Set<Int>) -> Bool {
    state.withLock { state in
      while let first = state.answers.first, known.contains(first.call) { _ = state.take() }
      guard state.answers.isEmpty else { return false }
      state.known = known
      return true
    }
  }

  /// Whether nobody waits, and nobody has to.
  var isParked: Bool { state.withLock { $0.known != nil } }

  /// Returns when there is an answer.
  func wait() async throws {
    try await state.withLock { $0.isThere }.wait()
  }

  /// The first that there is.
  func take() -> Answer? {
    state.withLock { $0.take() }
  }
}
