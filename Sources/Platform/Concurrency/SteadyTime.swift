/// A wall clock that nobody sets: it begins with what the other one shows and then goes on with the one that cannot be
/// set. For what compares instants with each other and shows them only by the way.
package struct SteadyTime: TimeSource {
  private let base: any TimeSource
  private let start: Timestamp
  private let startUptime: Duration

  package init(_ base: any TimeSource = SystemTime()) {
    self.base = base
    start = base.now()
    startUptime = base.uptime()
  }

  package func now() -> Timestamp { start + (base.uptime() - startUptime) }

  package func uptime() -> Duration { base.uptime() }

  package func sleep(until deadline: Timestamp) async throws {
    try Task.checkCancellation()
    while case let left = deadline - now(), left > .zero { try await base.sleep(for: left) }
  }

  package func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}
