/// Lets at most a number of tasks in at once; the others wait in the order in which they came.
package final class AsyncSemaphore: Sendable {
  private struct State {
    var free: Int
    var line = WaitingLine()
  }

  private let state: Locked<State>

  /// - Precondition: `limit` is positive.
  package init(limit: Int) {
    precondition(limit > 0, "a semaphore without permits lets nobody in")
    state = Locked(State(free: limit))
  }

  /// How many tasks wait for a permit.
  package var waiterCount: Int { state.withLock { $0.line.count } }

  /// Runs `body` with a permit, which is given back when it ends, whichever way.
  /// - Throws: `CancellationError` when the task is cancelled while it waits; else what `body` throws.
  package func withPermit<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await acquire()
    defer { release() }
    return try await body()
  }

  private func acquire() async throws {
    let place = state.withLock { $0.line.reserve() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: WaitingLine.Continuation) in
        enum Outcome { case entered, cancelled, waits }
        let outcome = state.withLock { state -> Outcome in
          // The flag is set before the cancellation handler runs, so one of the two sees the other.
          if Task.isCancelled { return .cancelled }
          if state.free > 0 {
            state.free -= 1
            return .entered
          }
          state.line.enter(place, continuation)
          return .waits
        }
        switch outcome {
        case .entered: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .waits: break
        }
      }
    } onCancel: {
      state.withLock { $0.line.leave(place) }?.resume(throwing: CancellationError())
    }
  }

  /// Hands the permit to the first in the line, or lays it back. A permit that is handed on never becomes free in
  /// between, so nobody overtakes.
  private func release() {
    let next = state.withLock { state -> WaitingLine.Continuation? in
      if let next = state.line.takeFirst() { return next }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
