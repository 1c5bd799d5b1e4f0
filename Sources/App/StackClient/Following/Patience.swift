/// How long a server that was there is waited for, and how often it is asked meanwhile: after 100 ms, then twice as long
/// each time up to 5 s. Moments are `uptime()`, so that a clock that is set neither ends the patience nor prolongs it.
struct Patience {
  private static let firstPause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(5)

  let limit: Duration
  private var lostSince: Duration?
  private var pause = firstPause

  init(limit: Duration) { self.limit = limit }

  /// Whether the server has been away for longer than is waited.
  func isOver(at now: Duration) -> Bool { lostSince.map { now - $0 > limit } ?? false }

  /// The server is not there.
  /// - Returns: whether it was until now.
  mutating func lost(at now: Duration) -> Bool {
    guard lostSince == nil else { return false }
    lostSince = now
    return true
  }

  /// The server is there, be it silent.
  /// - Returns: whether it was away until now.
  mutating func found() -> Bool {
    defer { lostSince = nil }
    return lostSince != nil
  }

  /// Something came. Not at the connection already, so that one that ends at once is not asked for too often.
  mutating func progressed() { pause = Self.firstPause }

  mutating func nextPause() -> Duration {
    defer { pause = min(pause * 2, Self.longestPause) }
    return pause
  }
}
