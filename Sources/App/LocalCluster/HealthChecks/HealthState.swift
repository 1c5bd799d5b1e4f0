import Concurrency
import JSON

/// What one check found out of a task.
package enum ProbeResult: Sendable, Hashable {
  case alive
  /// With the reason that `lastFailureCause` shows.
  case failed(String)
  /// Says nothing, as an answer 1xx where those are to be ignored.
  case ignored
}

/// The health of one instance under one check, kept as Marathon keeps it.
struct HealthState: Sendable, Hashable {
  private(set) var firstSuccess: Timestamp?
  private(set) var lastSuccess: Timestamp?
  private(set) var lastFailure: Timestamp?
  private(set) var lastFailureCause: String?
  private(set) var consecutiveFailures = 0
  /// Whether there has been a result at all.
  private(set) var isKnown = false

  var isAlive: Bool {
    guard let lastSuccess else { return false }
    return lastFailure.map { $0 < lastSuccess } ?? true
  }

  enum Outcome: Sendable, Hashable {
    case unchanged
    /// Counted; `kill` when the failures before this one had reached the limit.
    case failed(kill: Bool)
    case succeeded
    /// Before the first success and within the grace period: shown, not counted.
    case forgiven
  }

  mutating func note(
    _ result: ProbeResult, check: HealthCheckDefinition, startedAt: Timestamp, now: Timestamp
  ) -> Outcome {
    switch result {
    case .ignored: return .unchanged
    case .alive:
      isKnown = true
      firstSuccess = firstSuccess ?? now
      lastSuccess = now
      consecutiveFailures = 0
      return .succeeded
    case .failed(let cause):
      isKnown = true
      if firstSuccess == nil, now < startedAt + check.gracePeriod { return .forgiven }
      // Marathon looks at the count before this failure: with a limit of 3 the fourth one kills.
      let kill = check.maxConsecutiveFailures > 0 && consecutiveFailures >= check.maxConsecutiveFailures
      consecutiveFailures += 1
      lastFailure = now
      lastFailureCause = cause
      return .failed(kill: kill)
    }
  }

  func json(instanceId: String) -> JSON {
    var object: JSONObject = [
      "alive": .bool(isAlive), "consecutiveFailures": .integer(Int64(consecutiveFailures)),
    ]
    if let firstSuccess { object["firstSuccess"] = .string(firstSuccess.description) }
    object["instanceId"] = .string("instance [\(instanceId)]")
    if let lastSuccess { object["lastSuccess"] = .string(lastSuccess.description) }
    if let lastFailure { object["lastFailure"] = .string(lastFailure.description) }
    if let lastFailureCause { object["lastFailureCause"] = .string(lastFailureCause) }
    return .object(object)
  }
}
