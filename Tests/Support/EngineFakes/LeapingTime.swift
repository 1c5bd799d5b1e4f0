package import Concurrency

/// A clock that leaps: a sleep no longer than the horizon ends at once and takes the clock along; longer ones wait until
/// they are cancelled or the test advances the clock. A clock that is held does not leap: what a test does to the world
/// before the clock goes on cannot come too late.
package final class LeapingTime: TimeSource {
  private struct Sleeper {
    var deadline: Duration
    /// Would not have slept, had the clock not been held.
    var isShort: Bool
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var uptime = Duration.zero
    /// What the wall clock shows at the uptime zero.
    var start: Timestamp
    var sleepers: [Int: Sleeper] = [:]
    var next = 0
    var isHeld = false

    var now: Timestamp { start + uptime }
  }

  private let state: Locked<State>
  private let horizon: Duration

  package init(
    horizon: Duration = .seconds(20), start: Timestamp = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000)
  ) {
    self.horizon = horizon
    state = Locked(State(start: start))
  }

  package func now() -> Timestamp { state.withLock { $0.now } }

  package func uptime() -> Duration { state.withLock { $0.uptime } }

  /// Someone sets the wall clock; no time passes.
  package func set(by change: Duration) {
    state.withLock { $0.start = $0.start + change }
  }

  package func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.uptime += duration
      let due = state.sleepers.filter { $0.value.deadline <= state.uptime }
      for id in due.keys { state.sleepers[id] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  /// How many sleep at this moment.
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  package func hold() { state.withLock { $0.isHeld = true } }

  package func release() {
    let held = state.withLock { state in
      state.isHeld = false
      let held = state.sleepers.filter { $0.value.isShort }
      for (id, sleeper) in held {
        state.sleepers[id] = nil
        state.uptime = max(state.uptime, sleeper.deadline)
      }
      return held.values.map(\.continuation)
    }
    for continuation in held { continuation.resume() }
  }

  package func sleep(until deadline: Timestamp) async throws {
    while case let left = deadline - now(), left > .zero { try await sleep(for: left) }
    try Task.checkCancellation()
  }

  package func sleep(for duration: Duration) async throws { try await sleep(untilUptime: uptime() + duration) }

  package func sleep(untilUptime deadline: Duration) async throws {
    let duration = deadline - uptime()
    if duration <= horizon {
      // Others come first, so that what is ready is not overtaken by what waits.
      for _ in 0..<10 { await Task.yield() }
      try Task.checkCancellation()
      let leaps = state.withLock { state in
        if !state.isHeld { state.uptime = max(state.uptime, deadline) }
        return !state.isHeld
      }
      if leaps { return }
    }
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if deadline <= state.uptime { return .success(()) }
          // Released in between.
          if duration <= horizon, !state.isHeld {
            state.uptime = max(state.uptime, deadline)
            return .success(())
          }
          state.sleepers[id] = Sleeper(
            deadline: deadline, isShort: duration <= horizon, continuation: continuation)
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
    }
  }
}
