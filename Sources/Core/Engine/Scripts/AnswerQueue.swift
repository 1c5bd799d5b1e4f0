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
    var waiter: CheckedContinuation<Void, any Error>?
    /// Where nobody waits: the calls whose answers nobody needs.
    var known: Set<Int>?

    mutating func takeWaiter() -> CheckedContinuation<Void, any Error>? {
      defer { waiter = nil }
      return waiter
    }
  }

  private let state = Locked(State())

  /// - Returns: whether nobody waits, and somebody should from here on.
  func put(_ answer: HostAnswer, to call: Int, at instant: Timestamp) -> Bool {
    let (waiter, isNeeded) = state.withLock { state -> (CheckedContinuation<Void, any Error>?, Bool) in
      if state.known?.contains(call) == true { return (nil, false) }
      let isNeeded = state.known != nil
      state.known = nil
      state.answers.append(Answer(call: call, answer: answer, at: instant))
      return (state.takeWaiter(), isNeeded)
    }
    waiter?.resume()
    return isNeeded
  }

  /// Nobody waits from here on, unless there is an answer to a call that the script did not know when it was run last: false then. Answers that it
  /// knew are dropped, now and later.
  func park(unless known: Set<Int>) -> Bool {
    state.withLock { state in
      while let first = state.answers.first, known.contains(first.call) { state.answers.removeFirst() }
      guard state.answers.isEmpty else { return false }
      state.known = known
      return true
    }
  }

  /// Whether nobody waits, and nobody has to.
  var isParked: Bool { state.withLock { $0.known != nil } }

  /// Returns when there is an answer. One waits at a time.
  /// - Throws: `CancellationError` when the task is cancelled while it waits.
  func wait() async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome = state.withLock { state -> Result<Void, any Error>? in
          if !state.answers.isEmpty { return .success(()) }
          // The flag is set before the cancellation handler runs, so one of the two sees the other.
          if Task.isCancelled { return .failure(CancellationError()) }
          state.waiter = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      state.withLock { $0.takeWaiter() }?.resume(throwing: CancellationError())
    }
  }

  /// The first that there is, if it is wanted.
  func take(where isWanted: (Answer) -> Bool = { _ in true }) -> Answer? {
    state.withLock { state in
      guard let first = state.answers.first, isWanted(first) else { return nil }
      return state.answers.removeFirst()
    }
  }
}
