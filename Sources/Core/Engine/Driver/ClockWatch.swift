import Concurrency

/// Notices when somebody sets the wall clock, by comparing it with the one that nobody can set.
struct ClockWatch: Sendable {
  /// Corrections up to this are the clock's ordinary course.
  private static let tolerance = Duration.seconds(2)
  private var expected: Timestamp
  /// The uptime at the last reading.
  private(set) var readAt: Duration

  init(_ time: any TimeSource) {
    expected = time.now()
    readAt = time.uptime()
  }

  /// The present, and by how much the clock was set since the last reading, if it was.
  mutating func read(_ time: any TimeSource) -> (now: Timestamp, change: Duration?) {
    let (now, uptime) = (time.now(), time.uptime())
    let change = now - (expected + (uptime - readAt))
    (expected, readAt) = (now, uptime)
    return (now, change > Self.tolerance || change < .zero - Self.tolerance ? change : nil)
  }
}
