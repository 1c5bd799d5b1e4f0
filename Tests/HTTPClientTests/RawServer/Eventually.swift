import Concurrency

/// Polls until the condition holds; false after the deadline. For facts that only another process or the kernel settles.
func eventually(within limit: Duration = .seconds(5), _ condition: () -> Bool) async throws -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while !condition() {
    if clock.now > deadline { return false }
    try await Task.sleep(for: .milliseconds(2))
  }
  return true
}
