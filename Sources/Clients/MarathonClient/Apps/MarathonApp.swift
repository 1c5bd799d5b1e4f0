package import JSON

/// An application as Marathon reports it: its definition, and what is going on with it.
///
/// The definition is kept as the JSON object that came, so that a field which this client does not know survives when
/// the definition is changed and sent back.
package struct MarathonApp: Sendable, Hashable, Decodable {
  /// Everything that a user can set, without `version` and the fields of ``Status``; fit for
  /// ``MarathonClient/updateApp(_:_:force:replacing:)``.
  package var definition: JSONObject
  /// When the present configuration was made, e.g. `2026-11-22T15:55:28.807Z`; it is the version's name.
  package let version: String?
  package let versionInfo: MarathonVersionInfo?
  package let status: Status

  /// Counts and lists that Marathon adds. Which of them are there depends on the request (`embed`).
  package struct Status: Sendable, Hashable, Codable {
    package var tasksStaged: Int?
    package var tasksRunning: Int?
    package var tasksHealthy: Int?
    package var tasksUnhealthy: Int?
    package var tasks: [MarathonTask]?
    package var deployments: [MarathonDeploymentReference]?
    package var lastTaskFailure: MarathonTaskFailure?
    /// Called `taskStats` until 1.8, `tasksStats` since.
    package var tasksStats: MarathonTaskStatistics?
    package var taskStats: MarathonTaskStatistics?
    package var readinessCheckResults: JSON?

    package init() {}
  }

  static let reportedFields = statusFields + ["version", "versionInfo"]

  private static let reported = Set(reportedFields)

  private static let statusFields = [
    "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "tasks", "deployments", "lastTaskFailure",
    "tasksStats", "taskStats", "readinessCheckResults",
  ]

  package init(from decoder: any Decoder) throws {
    let object = try JSONObject(from: decoder)
    status = try Status(from: decoder)
    let identity = try Identity(from: decoder)
    id = identity.id
    version = identity.version
    versionInfo = identity.versionInfo
    definition = object.without(Self.reported)
  }

  package let id: String

  /// The fields that are read once and for which a wrong type is an error.
  private struct Identity: Decodable {
    var id: String
    var version: String?
    var versionInfo: MarathonVersionInfo?
  }
}

// MARK: Frequent questions
extension MarathonApp {
  /// Instances asked for.
  package var instances: Int { definition["instances"]?.intValue ?? 1 }
  package var labels: [String: String] {
    let members = definition["labels"]?.objectValue ?? JSONObject()
    return Dictionary(members.compactMap { member in member.value.stringValue.map { (member.key, $0) } }) { $1 }
  }
  package var hasHealthChecks: Bool { definition["healthChecks"]?.arrayValue?.isEmpty == false }
  /// Ids of the deployments that work on the application; `nil` if the answer did not say.
  package var deploymentIDs: [String]? { status.deployments?.map(\.id) }
  package var taskStatistics: MarathonTaskStatistics? { status.tasksStats ?? status.taskStats }
}

package struct MarathonDeploymentReference: Sendable, Hashable, Codable {
  package var id: String
}

package struct MarathonVersionInfo: Sendable, Hashable, Codable {
  package var lastScalingAt: String?
  package var lastConfigChangeAt: String?
}
