import Concurrency
package import Engine
package import JSON
package import StackModel

/// A server's connection to the fake cluster.
package struct ClusterConnection: ApplicationCluster {
  private let cluster: FakeCluster

  package init(_ cluster: FakeCluster) {
    self.cluster = cluster
  }

  private func read<Answer>(
    _ body: (inout FakeCluster.State) throws(ClusterError) -> Answer
  ) async throws(ClusterError) -> Answer {
    cluster.state.withLock {
      $0.underWay += 1
      $0.mostUnderWay = max($0.mostUnderWay, $0.underWay)
    }
    await Task.yield()
    defer { cluster.state.withLock { $0.underWay -= 1 } }
    return try cluster.state.withLock { (state) throws(ClusterError) -> Answer in
      state.reads += 1
      if let refusal = state.takeRefusal("read") { throw refusal }
      return try body(&state)
    }
  }

  private func effect(
    _ operation: String, _ body: (inout FakeCluster.State) throws(ClusterError) -> ClusterChange
  ) async throws(ClusterError) -> ClusterChange {
    try cluster.state.withLock { (state) throws(ClusterError) -> ClusterChange in
      if let refusal = state.takeRefusal(operation) { throw refusal }
      let change = try body(&state)
      state.effects.append(operation)
      if let lost = state.takeLostAnswer(operation) { throw lost }
      return change
    }
  }

  package func info() async throws(ClusterError) -> ClusterInfo {
    try await read { ClusterInfo(id: $0.id, version: "1.6.0", mesosMaster: "zk://master") }
  }

  package func agents() async throws(ClusterError) -> ClusterSnapshot { try await read { $0.agents } }

  package func application(_ id: String) async throws(ClusterError) -> LiveApplication? {
    try await read { state in
      defer { state.lookedAt(id) }
      return state.apps[id].map { Self.live(id, $0) }
    }
  }

  /// Of selectors, those that ask for one value of one label.
  package func applications(label: String?) async throws(ClusterError) -> [LiveApplication] {
    let parts = label?.split(separator: "=").map(String.init) ?? []
    return try await read { state in
      let chosen = state.apps.filter { _, app in
        parts.count != 2 || app.definition["labels"]?[parts[0]]?.stringValue == parts[1]
      }
      return chosen.map { id, app in
        var live = Self.live(id, app)
        live.tasks = []
        return live
      }
    }
  }

  private static func live(_ id: String, _ app: FakeCluster.App) -> LiveApplication {
    var definition = app.definition.objectValue ?? [:]
    definition["id"] = .string(id)
    return LiveApplication(
      id: id, version: app.version, definition: .object(definition), instances: app.instances,
      hasHealthChecks: app.definition["healthChecks"] != nil, tasksRunning: app.running, tasksHealthy: app.healthy,
      deployments: app.deployments, tasks: app.tasks, lastTaskFailure: app.lastTaskFailure)
  }

  package func create(_ definition: JSON) async throws(ClusterError) -> ClusterChange {
    let id = "/" + (definition["id"]?.stringValue ?? "").drop { $0 == "/" }
    return try await effect("create \(id)") { (state) throws(ClusterError) -> ClusterChange in
      guard state.apps[id] == nil else {
        throw ClusterError(.exists, "An app with id [\(id)] already exists.")
      }
      return state.create(id, definition)
    }
  }

  package func update(_ id: String, to definition: JSON) async throws(ClusterError) -> ClusterChange {
    try await effect("update \(id)") { (state) throws(ClusterError) -> ClusterChange in
      guard let app = state.apps[id] else { throw ClusterError(.notFound, "App '\(id)' does not exist") }
      guard app.deployments.isEmpty else {
        throw ClusterError(.locked(deployments: app.deployments), "App is locked by one or more deployments.")
      }
      return state.update(id, definition)
    }
  }

  package func restart(_ id: String) async throws(ClusterError) -> ClusterChange {
    try await effect("restart \(id)") { (state) throws(ClusterError) -> ClusterChange in
      guard let app = state.apps[id] else { throw ClusterError(.notFound, "App '\(id)' does not exist") }
      guard app.deployments.isEmpty else {
        throw ClusterError(.locked(deployments: app.deployments), "App is locked by one or more deployments.")
      }
      return state.update(id, app.definition)
    }
  }

  package func destroy(_ id: String) async throws(ClusterError) -> ClusterChange {
    try await effect("destroy \(id)") { (state) throws(ClusterError) -> ClusterChange in
      guard state.apps[id] != nil else { throw ClusterError(.notFound, "App '\(id)' does not exist") }
      return state.destroy(id)
    }
  }

  package func deployments() async throws(ClusterError) -> Set<ClusterDeployment> {
    try await read { state in
      defer { state.lookedAtDeployments() }
      return Set(state.deployments.map { ClusterDeployment(id: $0.key, applications: [$0.value]) })
    }
  }

  package func queue(for id: String) async throws(ClusterError) -> QueueStatus? {
    try await read { $0.apps[id]?.queue }
  }

  package func events() -> AsyncStream<ClusterEvent> {
    AsyncStream { continuation in
      let (id, isStreaming) = cluster.state.withLock { state in
        state.lastObserver += 1
        state.observers[state.lastObserver] = continuation
        return (state.lastObserver, state.isStreaming)
      }
      continuation.onTermination = { _ in cluster.state.withLock { $0.observers[id] = nil } }
      continuation.yield(isStreaming ? .connected : .disconnected(reason: "refused"))
    }
  }

  package func taskLog(_ task: TaskReference, stream: TaskLogStream, limit: Int) async -> String? {
    cluster.state.withLock { $0.logs[task.task] }
  }
}

extension FakeCluster.State {
  fileprivate mutating func takeRefusal(_ operation: String) -> ClusterError? {
    guard var left = refusals[operation], !left.isEmpty else { return nil }
    defer { refusals[operation] = left }
    return left.removeFirst()
  }

  fileprivate mutating func takeLostAnswer(_ operation: String) -> ClusterError? {
    guard var left = lostAnswers[operation], !left.isEmpty else { return nil }
    defer { lostAnswers[operation] = left }
    return left.removeFirst()
  }
}
