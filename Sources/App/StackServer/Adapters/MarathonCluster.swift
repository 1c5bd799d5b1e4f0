import Concurrency
package import Engine
package import JSON
package import MarathonClient
package import StackModel

/// Marathon, and what of Mesos is needed beside it, as the engine's cluster.
package struct MarathonCluster: ApplicationCluster {
  let client: MarathonClient
  let master: MesosMaster
  let logs: TaskLogs
  let metrics: ServerMetrics

  package init(client: MarathonClient, master: MesosMaster, logs: TaskLogs, metrics: ServerMetrics) {
    self.client = client
    self.master = master
    self.logs = logs
    self.metrics = metrics
  }

  package func info() async throws(ClusterError) -> ClusterInfo {
    let info = try await read("info") { () async throws(MarathonError) in try await client.info() }
    return ClusterInfo(id: info.frameworkId ?? "", version: info.version ?? "", mesosMaster: info.master)
  }

  package func agents() async throws(ClusterError) -> ClusterSnapshot { try await master.agents() }

  package func application(_ id: String) async throws(ClusterError) -> LiveApplication? {
    let app = try await read("application") { () async throws(MarathonError) in try await client.app(id) }
    return app.map(LiveApplication.init)
  }

  package func applications(label: String?) async throws(ClusterError) -> [LiveApplication] {
    try await read("applications") { () async throws(MarathonError) in try await client.apps(label: label) }
      .map(LiveApplication.init)
  }

  package func create(_ definition: JSON) async throws(ClusterError) -> ClusterChange {
    let creation = try await change("create") { () async throws(MarathonError) in
      try await client.createApp(definition)
    }
    return ClusterChange(deployment: creation.deploymentID, version: creation.app.version)
  }

  package func update(_ id: String, to definition: JSON) async throws(ClusterError) -> ClusterChange {
    // Without this it would be created where somebody has removed it meanwhile.
    guard try await application(id) != nil else {
      throw ClusterError(.notFound, "application \(id) is no longer on the cluster")
    }
    let done = try await change("update") { () async throws(MarathonError) in
      try await client.updateApp(id, definition, replacing: true)
    }
    return ClusterChange(deployment: done.deploymentID, version: done.version)
  }

  package func restart(_ id: String) async throws(ClusterError) -> ClusterChange {
    let done = try await change("restart") { () async throws(MarathonError) in try await client.restartApp(id) }
    return ClusterChange(deployment: done.deploymentID, version: done.version)
  }

  package func destroy(_ id: String) async throws(ClusterError) -> ClusterChange {
    let done = try await change("destroy") { () async throws(MarathonError) in
      try await client.destroyApp(id, force: true)
    }
    return ClusterChange(deployment: done.deploymentID, version: nil)
  }

  package func deployments() async throws(ClusterError) -> Set<ClusterDeployment> {
    let deployments = try await read("deployments") { () async throws(MarathonError) in
      try await client.deployments()
    }
    return Set(deployments.map { ClusterDeployment(id: $0.id, applications: Set($0.affectedApps)) })
  }

  package func queue(for id: String) async throws(ClusterError) -> QueueStatus? {
    let queue = try await read("queue") { () async throws(MarathonError) in try await client.queue() }
    return queue.first { $0.id == id }.map(QueueStatus.init)
  }

  package func taskLog(_ task: TaskReference, stream: TaskLogStream, limit: Int) async -> String? {
    await logs.end(of: task, stream, limit: limit)
  }

  // MARK: Asking, with the errors and the measure of it

  private func read<Answer>(
    _ operation: String, _ body: () async throws(MarathonError) -> Answer
  ) async throws(ClusterError) -> Answer {
    try await ask(operation, isChange: false, body)
  }

  private func change<Answer>(
    _ operation: String, _ body: () async throws(MarathonError) -> Answer
  ) async throws(ClusterError) -> Answer {
    try await ask(operation, isChange: true, body)
  }

  private func ask<Answer>(
    _ operation: String, isChange: Bool, _ body: () async throws(MarathonError) -> Answer
  ) async throws(ClusterError) -> Answer {
    let start = ContinuousClock.now
    do {
      let answer = try await body()
      metrics.asked(operation, outcome: "succeeded", in: ContinuousClock.now - start)
      return answer
    } catch {
      metrics.asked(operation, outcome: error.code.description, in: ContinuousClock.now - start)
      throw ClusterError(error, isChange: isChange)
    }
  }
}
