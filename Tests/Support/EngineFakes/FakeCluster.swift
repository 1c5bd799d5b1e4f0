package import Concurrency
package import Engine
package import JSON
package import StackModel

/// A Marathon in memory. It survives the servers that use it; each of those sees it through a `ClusterConnection`.
package final class FakeCluster: Sendable {
  package struct App: Sendable, Hashable {
    package var definition: JSON
    package var version: String
    package var deployments: [String] = []
    package var running: Int
    package var healthy: Int
    package var tasks: [LiveTask]
    package var lastTaskFailure: TaskFailure?
    package var queue: QueueStatus?
    package var instances: Int { definition["instances"]?.intValue ?? 1 }
  }

  package struct State: Sendable {
    package var apps: [String: App] = [:]
    package var versions = 0
    /// What was carried out, in order: `create /a`.
    package var effects: [String] = []
    /// Those under way, with the application of each.
    package var deployments: [String: String] = [:]
    /// Whether applications are healthy as soon as they are created.
    package var isQuick = true
    /// How often an application, or the deployments, must be looked at before what was begun is over. With 0 `isQuick`
    /// decides.
    package var looksNeeded = 0
    var looksLeft: [String: Int] = [:]
    /// Answers given instead of carrying a request out, first come first served, by operation: `create /a`.
    package var refusals: [String: [ClusterError]] = [:]
    /// Answers given after carrying a request out.
    package var lostAnswers: [String: [ClusterError]] = [:]
    package var observers: [Int: AsyncStream<ClusterEvent>.Continuation] = [:]
    package var lastObserver = 0
    package var isStreaming = true
    package var id = "cluster-1"
    package var reads = 0
    package var underWay = 0
    package var mostUnderWay = 0
    package var logs: [String: String] = [:]
    package var agents = ClusterSnapshot(agents: [], activatedCount: 3)
  }

  package let state = Locked(State())

  package init() {}

  package var effects: [String] { state.withLock { $0.effects } }
  package var apps: [String: App] { state.withLock { $0.apps } }

  /// Changes the world and tells those who listen.
  package func change(_ id: String, _ body: (inout App) -> Void) {
    state.withLock { state in
      guard var app = state.apps[id] else { return }
      body(&app)
      state.apps[id] = app
      state.tell(.changed(applications: [id]))
    }
  }

  package func becomeHealthy(_ id: String) {
    state.withLock { $0.becomeHealthy(id) }
  }

  package func makeSlow() { state.withLock { $0.isQuick = false } }

  package func refuse(_ operation: String, _ errors: ClusterError...) {
    state.withLock { $0.refusals[operation, default: []] += errors }
  }

  package func loseAnswer(_ operation: String, _ errors: ClusterError...) {
    state.withLock { $0.lostAnswers[operation, default: []] += errors }
  }

  /// Someone else deploys an application.
  package func install(_ id: String, _ definition: JSON) {
    state.withLock { _ = $0.create(id, definition) }
  }
}

extension FakeCluster.State {
  package mutating func nextVersion() -> String {
    versions += 1
    return "v\(versions)"
  }

  package func tell(_ event: ClusterEvent) {
    for observer in observers.values { observer.yield(event) }
  }

  package mutating func create(_ id: String, _ definition: JSON) -> ClusterChange {
    let version = nextVersion()
    apps[id] = .init(definition: definition, version: version, running: 0, healthy: 0, tasks: [])
    return deploy(id, version)
  }

  package mutating func update(_ id: String, _ definition: JSON) -> ClusterChange {
    let version = nextVersion()
    apps[id]?.definition = definition
    apps[id]?.version = version
    apps[id]?.healthy = 0
    return deploy(id, version)
  }

  private mutating func deploy(_ id: String, _ version: String) -> ClusterChange {
    let deployment = "d-\(version)"
    deployments[deployment] = id
    apps[id]?.deployments = [deployment]
    tell(.changed(applications: [id]))
    if looksNeeded > 0 {
      looksLeft[id] = looksNeeded
    } else if isQuick {
      becomeHealthy(id)
    }
    return ClusterChange(deployment: deployment, version: version)
  }

  /// Someone looks at the application: what was begun for it goes on.
  mutating func lookedAt(_ id: String) {
    guard let left = looksLeft[id] else { return }
    looksLeft[id] = left > 1 ? left - 1 : nil
    if left == 1 { becomeHealthy(id) }
  }

  /// Someone looks at the deployments: removals go on.
  mutating func lookedAtDeployments() {
    for deployment in deployments.keys.sorted() {
      guard let left = looksLeft[deployment] else { continue }
      looksLeft[deployment] = left > 1 ? left - 1 : nil
      if left == 1 { deployments[deployment] = nil }
    }
  }

  package mutating func destroy(_ id: String) -> ClusterChange {
    // With force: what was under way for it is given up.
    for former in apps[id]?.deployments ?? [] { deployments[former] = nil }
    apps[id] = nil
    looksLeft[id] = nil
    let deployment = "d-\(nextVersion())"
    if looksNeeded > 0 {
      deployments[deployment] = id
      looksLeft[deployment] = looksNeeded
    }
    tell(.changed(applications: [id]))
    return ClusterChange(deployment: deployment, version: nil)
  }

  package mutating func becomeHealthy(_ id: String) {
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
    for deployment in ended { deployments[deployment] = nil }
    tell(.changed(applications: [id]))
    for deployment in ended {
      tell(.deploymentEnded(id: deployment, succeeded: true, reason: nil, applications: [id]))
    }
  }
}
