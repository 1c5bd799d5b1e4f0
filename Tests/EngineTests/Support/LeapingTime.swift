import Concurrency

/// A clock that leaps: a sleep no longer than the horizon ends at once and takes the clock along; longer ones wait until
/// they are cancelled or the test advances the clock.
final class LeapingTime: TimeSource {
  private struct State {
    var now: Timestamp
    var sleepers: [Int: (deadline: Timestamp, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var next = 0
  }

  private let state: Locked<State>
  private let horizon: Duration

  init(horizon: Duration = .seconds(20), start: Timestamp = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000)) {
    self.horizon = horizon
    state = Locked(State(now: start))
  }

  func now() -> Timestamp { state.withLock { $0.now } }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now + duration
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  func sleep(for duration: Duration) async throws { try await sleep(until: now() + duration) }

  func sleep(until deadline: Timestamp) async throws {
    let start = now()
    if deadline - start <= horizon {
      // Others come first, so that what is ready is not overtaken by what waits.
      for _ in 0..<10 { await Task.yield() }
      try Task.checkCancellation()
      state.withLock { $0.now = max($0.now, deadline) }
      return
    }
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if deadline <= state.now { return .success(()) }
          state.sleepers[id] = (deadline, continuation)
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
    }
  }
}
