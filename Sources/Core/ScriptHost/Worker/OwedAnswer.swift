import Concurrency

/// The answer that the host owes a worker, made only while there is somebody to have it: the worker may exit while it waits.
final class OwedAnswer: Sendable {
  private enum State {
    case none
    case owed
    case workerHasExited
  }

  private let state = Locked(State.none)

  /// Makes the answer. Whoever is told that it is owed no longer cancels this.
  /// - Throws: where the worker has exited before.
  func make<Answer>(_ body: () async -> Answer) async throws(CancellationError) -> Answer {
    guard begin() else { throw CancellationError() }
    defer { state.withLock { if $0 == .owed { $0 = .none } } }
    return await body()
  }

  private func begin() -> Bool {
    state.withLock { state in
      if state == .none { state = .owed }
      return state == .owed
    }
  }

  /// From here on none is made.
  /// - Returns: whether one is being made.
  func workerHasExited() -> Bool {
    state.withLock { state in
      defer { state = .workerHasExited }
      return state == .owed
    }
  }
}
