import Glibc

/// Where code gets the time from, so that tests can hold the clock in their hands.
package protocol TimeSource: Sendable {
  func now() -> Timestamp

  /// A clock that nobody sets: the time since some fixed moment before now. The difference of two readings is the time
  /// that has passed between them.
  func uptime() -> Duration

  /// Returns when `now()` has reached `deadline`, at once if it has already.
  /// - Throws: `CancellationError` when the task is cancelled.
  func sleep(until deadline: Timestamp) async throws

  /// Returns after `duration`.
  /// - Throws: `CancellationError` when the task is cancelled.
  func sleep(for duration: Duration) async throws

  /// Returns when `uptime()` has reached `deadline`, at once if it has already.
  /// - Throws: `CancellationError` when the task is cancelled.
  func sleep(untilUptime deadline: Duration) async throws
}

extension TimeSource {
  package func sleep(untilUptime deadline: Duration) async throws {
    try await sleep(for: max(.zero, deadline - uptime()))
  }

  /// The uptime at which the wall clock shows an instant, unless it is set meanwhile: for waits that setting the clock does not move.
  package func uptime(at instant: Timestamp) -> Duration { uptime() + (instant - now()) }
}

/// The machine's clocks: the wall clock tells the time, sleeping for a duration follows the monotonic clock.
package struct SystemTime: TimeSource {
  package init() {}

  package func now() -> Timestamp { .systemNow() }

  package func uptime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  package func sleep(until deadline: Timestamp) async throws {
    // In pieces, because the wall clock may be set meanwhile.
    while true {
      try Task.checkCancellation()
      let left = deadline - now()
      if left <= .zero { return }
      try await Task.sleep(for: min(left, .seconds(30)))
    }
  }

  package func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
    if duration > .zero { try await Task.sleep(for: duration) }
  }
}
