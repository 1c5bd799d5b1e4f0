package import JSON
package import StackModel

/// The cluster that long-running applications are deployed on: Marathon, behind an adapter of the server.
///
/// Application ids are the cluster's own, with their leading slash. No call repeats a change by itself: what may have
/// happened is reported as `.undecided` or `.failed`, and the engine asks before it does anything again. At most the engine's
/// `clusterRequestLimit` calls are under way at once.
package protocol ApplicationCluster: Sendable {
  func info() async throws(ClusterError) -> ClusterInfo

  /// The agents that tasks may be placed on, for `instances: all`.
  func agents() async throws(ClusterError) -> ClusterSnapshot

  /// `nil` if there is no application of that id.
  func application(_ id: String) async throws(ClusterError) -> LiveApplication?

  /// All applications that a label selector chooses (all for `nil`), without their tasks.
  func applications(label: String?) async throws(ClusterError) -> [LiveApplication]

  /// Throws `.exists` if there is one of that id.
  func create(_ definition: JSON) async throws(ClusterError) -> ClusterChange

  /// Replaces the definition, never with force. Throws `.notFound` if there is none, `.locked` while another deployment
  /// holds the application.
  func update(_ id: String, to definition: JSON) async throws(ClusterError) -> ClusterChange

  /// Replaces all tasks under the application's upgrade strategy, never with force; the definition stays as it is and
  /// gets a new version. Throws `.notFound` and `.locked` as `update` does.
  func restart(_ id: String) async throws(ClusterError) -> ClusterChange

  /// Removes the application and ends its tasks; deployments of it that are under way, also those that cannot end, are
  /// given up (with force, which is Marathon's own default for this call).
  func destroy(_ id: String) async throws(ClusterError) -> ClusterChange

  /// All deployments that are not over.
  func deployments() async throws(ClusterError) -> Set<ClusterDeployment>

  /// Why instances of an application have not been started; `nil` if none waits.
  func queue(for id: String) async throws(ClusterError) -> QueueStatus?

  /// Hints that something changed. The stream lives as long as it is read: it reconnects by itself and says so.
  func events() -> AsyncStream<ClusterEvent>

  /// The end of what a task wrote, at most `limit` bytes; `nil` where it cannot be had. Also of a task that has ended.
  func taskLog(_ task: TaskReference, stream: TaskLogStream, limit: Int) async -> String?
}

package struct ClusterInfo: Sendable, Hashable {
  /// What tells this cluster from others, such as the framework id; empty where the cluster does not say.
  package var id: String
  package var version: String
  /// The address of the Mesos master, as the cluster gives it: the variable `mesos.master`.
  package var mesosMaster: String?

  package init(id: String, version: String, mesosMaster: String?) {
    self.id = id
    self.version = version
    self.mesosMaster = mesosMaster
  }
}

/// A deployment that is under way.
package struct ClusterDeployment: Sendable, Hashable {
  package var id: String
  /// Ids of the applications that it changes, also of those that it removes.
  package var applications: Set<String>

  package init(id: String, applications: Set<String>) {
    self.id = id
    self.applications = applications
  }
}

/// What the cluster answered to a change that it accepted.
package struct ClusterChange: Sendable, Hashable {
  package var deployment: String?
  /// The application's version after the change; `nil` after its removal.
  package var version: String?

  package init(deployment: String?, version: String?) {
    self.deployment = deployment
    self.version = version
  }
}

/// A hint to look again: never the truth, may come late, twice or not at all.
package enum ClusterEvent: Sendable, Hashable {
  /// The stream stands: from here on changes are told.
  case connected
  /// Changes are not told until `connected` comes again.
  case disconnected(reason: String)
  /// Something about these applications changed.
  case changed(applications: Set<String>)
  case deploymentEnded(id: String, succeeded: Bool, reason: String?, applications: Set<String>)
}

package enum TaskLogStream: String, Sendable, Hashable {
  case output = "stdout"
  case error = "stderr"
}

package struct TaskReference: Sendable, Hashable {
  /// The application's id.
  package var application: String
  package var task: String
  package var host: String
  /// The Mesos agent's id, where known.
  package var agent: String?

  package init(application: String, task: String, host: String, agent: String? = nil) {
    self.application = application
    self.task = task
    self.host = host
    self.agent = agent
  }
}
