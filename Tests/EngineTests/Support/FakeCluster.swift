import Concurrency
import Engine
import JSON
import StackModel

/// A Marathon in memory. It survives the servers that use it; each of those sees it through a `ClusterConnection`.
final class FakeCluster: Sendable {
  struct App: Sendable, Hashable {
    var definition: JSON
    var version: String
    var deployments: [String] = []
    var running: Int
    var healthy: Int
    var tasks: [LiveTask]
    var lastTaskFailure: TaskFailure?
    var queue: QueueStatus?
    var instances: Int { definition["instances"]?.intValue ?? 1 }
  }

  struct State: Sendable {
    var apps: [String: App] = [:]
    var versions = 0
    /// What was carried out, in order: `create /a`.
    var effects: [String] = []
    var deployments: Set<String> = []
    /// Whether applications are healthy as soon as they are created.
    var isQuick = true
    /// Answers given instead of carrying a request out, first come first served, by operation: `create /a`.
    var refusals: [String: [ClusterError]] = [:]
    /// Answers given after carrying a request out.
    var lostAnswers: [String: [ClusterError]] = [:]
    var observers: [Int: AsyncStream<ClusterEvent>.Continuation] = [:]
    var lastObserver = 0
    var isStreaming = true
    var id = "cluster-1"
    var reads = 0
    var underWay = 0
    var mostUnderWay = 0
    var logs: [String: String] = [:]
    var agents = ClusterSnapshot(agents: [], activatedCount: 3)
  }

  let state = Locked(State())

  var effects: [String] { state.withLock { $0.effects } }
  var apps: [String: App] { state.withLock { $0.apps } }

  /// Changes the world and tells those who listen.
  func change(_ id: String, _ body: (inout App) -> Void) {
    state.withLock { state in
      guard var app = state.apps[id] else { return }
      body(&app)
      state.apps[id] = app
      state.tell(.changed(applications: [id]))
    }
  }

  func becomeHealthy(_ id: String) {
    state.withLock { $0.becomeHealthy(id) }
  }

  func makeSlow() { state.withLock { $0.isQuick = false } }

  func refuse(_ operation: String, _ errors: ClusterError...) {
    state.withLock { $0.refusals[operation, default: []] += errors }
  }

  func loseAnswer(_ operation: String, _ errors: ClusterError...) {
    state.withLock { $0.lostAnswers[operation, default: []] += errors }
  }

  /// Someone else deploys an application.
  func install(_ id: String, _ definition: JSON) {
    state.withLock { _ = $0.create(id, definition) }
  }
}

extension FakeCluster.State {
  mutating func nextVersion() -> String {
    versions += 1
    return "v\(versions)"
  }

  func tell(_ event: ClusterEvent) {
    for observer in observers.values { observer.yield(event) }
  }

  mutating func create(_ id: String, _ definition: JSON) -> ClusterChange {
    let version = nextVersion()
    apps[id] = .init(definition: definition, version: version, running: 0, healthy: 0, tasks: [])
    return deploy(id, version)
  }

  mutating func update(_ id: String, _ definition: JSON) -> ClusterChange {
    let version = nextVersion()
    apps[id]?.definition = definition
    apps[id]?.version = version
    apps[id]?.healthy = 0
    return deploy(id, version)
  }

  private mutating func deploy(_ id: String, _ version: String) -> ClusterChange {
    let deployment = "d-\(version)"
    deployments.insert(deployment)
    apps[id]?.deployments = [deployment]
    tell(.changed(applications: [id]))
    if isQuick { becomeHealthy(id) }
    return ClusterChange(deployment: deployment, version: version)
  }

  mutating func destroy(_ id: String) -> ClusterChange {
    apps[id] = nil
    let deployment = "d-\(nextVersion())"
    tell(.changed(applications: [id]))
    return ClusterChange(deployment: deployment, version: nil)
  }

  mutating func becomeHealthy(_ id: String) {
    guard var app = apps[id] else { return }
    let ended = app.deployments
    app.deployments = []
    app.running = app.instances
    app.healthy = app.instances
    app.tasks = (0..<app.instances).map { index in
      LiveTask(
        id: "\(id).\(index)", host: "agent-\(index + 1)", ports: [31_000 + index, 31_100 + index],
        state: "TASK_RUNNING",
        version: app.version)
    }
    apps[id] = app
    deployments.subtract(ended)
    tell(.changed(applications: [id]))
    for deployment in ended {
      tell(.deploymentEnded(id: deployment, succeeded: true, reason: nil, applications: [id]))
    }
  }
}
