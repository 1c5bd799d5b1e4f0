/// Something that happens once: tasks wait for it, and whoever comes later does not wait at all.
package final class AsyncSignal: Sendable {
  private struct State {
    var isFired = false
    var line = WaitingLine()
  }

  private let state = Locked(State())

  package init() {}

  package var isFired: Bool { state.withLock { $0.isFired } }

  /// Wakes all that wait, now and in future. Repeating it does nothing.
  package func fire() {
    let waiters = state.withLock { state in
      state.isFired = true
      return state.line.takeAll()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns once the signal has been fired.
  /// - Throws: `CancellationError` when the task is cancelled while it waits.
  package func wait() async throws {
    let place = state.withLock { $0.line.reserve() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: WaitingLine.Continuation) in
        enum Outcome { case fired, cancelled, waits }
        let outcome = state.withLock { state -> Outcome in
          if state.isFired { return .fired }
          // The flag is set before the cancellation handler runs, so one of the two sees the other.
          if Task.isCancelled { return .cancelled }
          state.line.enter(place, continuation)
          return .waits
        }
        switch outcome {
        case .fired: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .waits: break
        }
      }
    } onCancel: {
      state.withLock { $0.line.leave(place) }?.resume(throwing: CancellationError())
    }
  }
}
