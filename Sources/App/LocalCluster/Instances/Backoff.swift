import Concurrency

/// How long an application whose tasks end by themselves has to wait before the next one.
struct Backoff: Sendable, Hashable {
  /// A task that ran at least this long starts the series anew, as Marathon's minimum execution time.
  private static let goodRun = Duration.seconds(60)

  private var exponent = 0
  private(set) var deadline: Timestamp?

  /// `backoffSeconds · backoffFactor^k`, at most `maxLaunchDelaySeconds`.
  mutating func taskEnded(_ app: AppDefinition, ranFor run: Duration, at now: Timestamp) {
    if run >= Self.goodRun { exponent = 0 }
    var seconds = app.backoffSeconds
    for _ in 0..<exponent where seconds < app.maxLaunchDelaySeconds { seconds *= app.backoffFactor }
    seconds = min(seconds, app.maxLaunchDelaySeconds)
    exponent = min(exponent + 1, 1_000)
    deadline = now + .milliseconds(Int64(seconds * 1000))
  }

  func remaining(at now: Timestamp) -> Duration { deadline.map { max(.zero, $0 - now) } ?? .zero }

  mutating func reset() {
    exponent = 0
    deadline = nil
  }
}
