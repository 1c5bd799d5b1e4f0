/// One task of an application.
package struct MarathonTask: Sendable, Hashable, Codable {
  package var id: String
  package var appId: String?
  /// Host name of the agent.
  package var host: String?
  /// Ports on the agent.
  package var ports: [Int]?
  /// Empty except in the list of all tasks.
  package var servicePorts: [Int]?
  package var slaveId: String?
  /// Missing in the oldest versions.
  package var state: MarathonTaskState?
  package var stagedAt: String?
  /// When the task came to run.
  package var startedAt: String?
  /// Of the definition it was started with. A task that survives a scaling keeps its old one.
  package var version: String?
  package var ipAddresses: [IPAddress]?
  /// One per health check; empty until the first results. Old versions have `null` in it.
  package var healthCheckResults: [MarathonHealthCheckResult?]?

  package struct IPAddress: Sendable, Hashable, Codable {
    package var ipAddress: String
    package var `protocol`: String?
  }
}

extension MarathonTask {
  /// Whether all health checks that have a result are passed; `nil` while there is no result.
  package var isHealthy: Bool? {
    let results = (healthCheckResults ?? []).compactMap { $0 }
    return results.isEmpty ? nil : results.allSatisfy(\.alive)
  }

  package var isRunning: Bool { state.map { $0 == .running } ?? (startedAt != nil) }
}

/// A state as Mesos names it. Unknown ones are kept.
package struct MarathonTaskState: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package static let staging = MarathonTaskState(rawValue: "TASK_STAGING")
  package static let starting = MarathonTaskState(rawValue: "TASK_STARTING")
  package static let running = MarathonTaskState(rawValue: "TASK_RUNNING")
  package static let killing = MarathonTaskState(rawValue: "TASK_KILLING")
  package static let finished = MarathonTaskState(rawValue: "TASK_FINISHED")
  package static let failed = MarathonTaskState(rawValue: "TASK_FAILED")
  package static let killed = MarathonTaskState(rawValue: "TASK_KILLED")
  package static let lost = MarathonTaskState(rawValue: "TASK_LOST")
  package static let error = MarathonTaskState(rawValue: "TASK_ERROR")
  package static let unreachable = MarathonTaskState(rawValue: "TASK_UNREACHABLE")

  /// The task does not run and will not again.
  package var isTerminal: Bool {
    ["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_LOST", "TASK_ERROR", "TASK_DROPPED", "TASK_GONE"]
      .contains(rawValue)
  }

  package var description: String { rawValue }
}

/// The last answers of one health check of one task. Times that have not been are missing.
package struct MarathonHealthCheckResult: Sendable, Hashable, Codable {
  package var alive: Bool
  package var consecutiveFailures: Int?
  package var firstSuccess: String?
  package var lastSuccess: String?
  package var lastFailure: String?
  package var lastFailureCause: String?
  package var instanceId: String?
}

/// Why a task of an application ended last. It stays after the application is mended; ends over the API do not count.
package struct MarathonTaskFailure: Sendable, Hashable, Codable {
  package var appId: String?
  package var host: String?
  /// E.g. `Command exited with status 3`.
  package var message: String?
  package var state: MarathonTaskState?
  package var taskId: String?
  package var timestamp: String?
  package var version: String?
  package var slaveId: String?
}
