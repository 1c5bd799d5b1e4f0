/// Refused connections, told in sum and seldom, as they may be many.
struct RefusalReport {
  private var reasons: [String: Int] = [:]
  private var lastReport: ContinuousClock.Instant?

  static let interval = Duration.seconds(10)

  /// Whether there is something to tell.
  var isDue: Bool { !reasons.isEmpty }

  mutating func note(_ reason: String) { reasons[reason, default: 0] += 1 }

  /// What is to be told now; nil if there is nothing, or the last report is too recent.
  mutating func take(at now: ContinuousClock.Instant) -> String? {
    guard isDue, lastReport.map({ now - $0 >= Self.interval }) ?? true else { return nil }
    defer {
      reasons = [:]
      lastReport = now
    }
    return "refused connections: "
      + reasons.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value) times)" }.joined(separator: "; ")
  }
}
