package import JSON

/// An event of Marathon's stream. What a version adds or shapes differently is ``other``.
package enum MarathonEvent: Sendable, Hashable {
  /// A step of a deployment begins.
  case deploymentInfo(MarathonDeploymentEvent)
  case deploymentStepSuccess(MarathonDeploymentEvent)
  case deploymentStepFailure(MarathonDeploymentEvent)
  case deploymentSuccess(MarathonDeploymentEvent)
  /// Also after a cancel and when another deployment was forced in its place; see `reason`.
  case deploymentFailed(MarathonDeploymentEvent)
  case statusUpdate(MarathonStatusUpdate)
  case instanceChanged(MarathonInstanceChange)
  case instanceHealthChanged(MarathonInstanceHealthChange)
  case healthStatusChanged(MarathonHealthStatusChange)
  case failedHealthCheck(MarathonFailedHealthCheck)
  case unhealthyInstanceKill(MarathonUnhealthyKill)
  case appTerminated(appID: String)
  case groupChangeSuccess(MarathonGroupChange)
  /// Also when a change was refused because of a lock.
  case groupChangeFailed(MarathonGroupChange)
  /// An application was created or changed over the API.
  case apiPost(MarathonApp, uri: String?)
  /// A stream begins, this one or another client's.
  case streamAttached
  case streamDetached
  case other(type: String, JSON)
}

/// The events of a deployment have its plan, and some of: the step in question, the reason of a failure.
package struct MarathonDeploymentEvent: Sendable, Hashable, Decodable {
  package var plan: MarathonPlan
  package var currentStep: MarathonStep?
  package var reason: String?
  package var timestamp: String?

  /// Of the deployment.
  package var id: String { plan.id }
}

/// A task changed its state.
package struct MarathonStatusUpdate: Sendable, Hashable, Decodable {
  package var taskId: String
  package var appId: String
  package var taskStatus: MarathonTaskState
  /// Mesos' words, e.g. `Command exited with status 3`; often empty.
  package var message: String?
  package var host: String?
  package var ports: [Int]?
  package var slaveId: String?
  package var version: String?
  package var timestamp: String?
}

/// An instance changed its condition: `Scheduled`, `Provisioned` (1.6: `Created`), `Staging`, `Starting`, `Running`,
/// `Failed`, `Killed`, ….
package struct MarathonInstanceChange: Sendable, Hashable, Decodable {
  package var instanceId: String
  /// Of the application.
  package var runSpecId: String
  package var condition: String
  package var runSpecVersion: String?
  package var host: String?
  package var agentId: String?
  package var timestamp: String?
}

package struct MarathonInstanceHealthChange: Sendable, Hashable, Decodable {
  package var instanceId: String
  package var runSpecId: String
  /// `nil` when the health is not known.
  package var healthy: Bool?
  package var runSpecVersion: String?
  package var timestamp: String?
}

package struct MarathonHealthStatusChange: Sendable, Hashable, Decodable {
  package var appId: String
  package var alive: Bool
  package var instanceId: String?
  /// In versions that knew no instances.
  package var taskId: String?
  package var version: String?
  package var timestamp: String?
}

package struct MarathonFailedHealthCheck: Sendable, Hashable, Decodable {
  package var appId: String
  /// Holds the id of the *instance*.
  package var taskId: String?
  package var healthCheck: JSON?
  package var timestamp: String?
}

package struct MarathonUnhealthyKill: Sendable, Hashable, Decodable {
  package var appId: String
  package var taskId: String?
  package var instanceId: String?
  /// The last answer of the health check.
  package var reason: String?
  package var host: String?
  package var timestamp: String?
}

package struct MarathonGroupChange: Sendable, Hashable, Decodable {
  /// `/` for changes of applications.
  package var groupId: String
  package var version: String?
  package var reason: String?
  package var timestamp: String?
}
