import Concurrency

/// Time in which every wait is over at once, by as much later as was to be waited.
final class LeapingTime: TimeSource {
  private static let start = Timestamp(millisecondsSinceEpoch: 1_000_000)
  private let current = Locked(start)

  var elapsed: Duration { now() - Self.start }

  func now() -> Timestamp { current.withLock { $0 } }

  func uptime() -> Duration { elapsed }

  func leap(_ duration: Duration) { current.withLock { $0 = $0 + duration } }

  func sleep(until deadline: Timestamp) async throws {
    try Task.checkCancellation()
    current.withLock { $0 = max($0, deadline) }
  }

  func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
    leap(duration)
  }
}
