package import Engine
package import JSON
package import StackModel

/// The cluster as one server sees it: every change is two points, every question one.
package struct FaultyCluster: ApplicationCluster {
  private let base: any ApplicationCluster
  private let gate: any FaultGate
  private let stream: @Sendable (AsyncStream<ClusterEvent>) -> AsyncStream<ClusterEvent>

  /// - Parameter stream: what becomes of the cluster's events on their way.
  package init(
    _ base: any ApplicationCluster, gate: any FaultGate,
    stream: @escaping @Sendable (AsyncStream<ClusterEvent>) -> AsyncStream<ClusterEvent> = { $0 }
  ) {
    self.base = base
    self.gate = gate
    self.stream = stream
  }

  private func look<Answer>(
    _ name: String, _ body: () async throws(ClusterError) -> Answer
  ) async throws(ClusterError) -> Answer {
    switch await gate.pass(FaultPoint(.look, .before, name)) {
    case nil: return try await body()
    case .twice?:
      _ = try await body()
      return try await body()
    case .gone?, .unavailable?, .locked?: throw ClusterError(.unavailable, "injected: \(name)")
    case .undecided?, .failed?: throw ClusterError(.unavailable, "injected: an answer that breaks off: \(name)")
    case .invalid?, .unintelligible?: throw ClusterError(.unintelligible, "injected: \(name)")
    }
  }

  private func change(
    _ name: String, _ body: () async throws(ClusterError) -> ClusterChange
  ) async throws(ClusterError) -> ClusterChange {
    let fault = await gate.pass(FaultPoint(.effect, .before, name))
    switch fault {
    case nil, .twice?: break
    case .gone?, .unavailable?: throw ClusterError(.unavailable, "injected: \(name)")
    case .undecided?: throw ClusterError(.undecided, "injected: no answer to \(name)")
    case .failed?: throw ClusterError(.failed, "injected: status 500 for \(name)")
    case .locked?: throw ClusterError(.locked(deployments: ["someone-elses"]), "injected: \(name)")
    case .invalid?: throw ClusterError(.invalid, "injected: \(name)")
    case .unintelligible?: throw ClusterError(.unintelligible, "injected: \(name)")
    }
    let done = try await body()
    if fault == .twice { _ = try? await body() }
    switch await gate.pass(FaultPoint(.effect, .after, name)) {
    case nil, .twice?: return done
    // What was done can only be reported as in doubt or as a failure of the cluster's own.
    case .failed?: throw ClusterError(.failed, "injected: status 500 after \(name)")
    case .unintelligible?: throw ClusterError(.unintelligible, "injected: \(name)")
    case .gone?, .unavailable?, .undecided?, .locked?, .invalid?:
      throw ClusterError(.undecided, "injected: no answer to \(name)")
    }
  }

  package func info() async throws(ClusterError) -> ClusterInfo {
    try await look("info") { () async throws(ClusterError) in try await base.info() }
  }

  package func agents() async throws(ClusterError) -> ClusterSnapshot {
    try await look("agents") { () async throws(ClusterError) in try await base.agents() }
  }

  package func application(_ id: String) async throws(ClusterError) -> LiveApplication? {
    try await look("look at \(id)") { () async throws(ClusterError) in try await base.application(id) }
  }

  package func applications(label: String?) async throws(ClusterError) -> [LiveApplication] {
    try await look("list") { () async throws(ClusterError) in try await base.applications(label: label) }
  }

  package func create(_ definition: JSON) async throws(ClusterError) -> ClusterChange {
    try await change("create /\(definition["id"]?.stringValue ?? "")") { () async throws(ClusterError) in
      try await base.create(definition)
    }
  }

  package func update(_ id: String, to definition: JSON) async throws(ClusterError) -> ClusterChange {
    try await change("update \(id)") { () async throws(ClusterError) in try await base.update(id, to: definition) }
  }

  package func restart(_ id: String) async throws(ClusterError) -> ClusterChange {
    try await change("restart \(id)") { () async throws(ClusterError) in try await base.restart(id) }
  }

  package func destroy(_ id: String) async throws(ClusterError) -> ClusterChange {
    try await change("destroy \(id)") { () async throws(ClusterError) in try await base.destroy(id) }
  }

  package func deployments() async throws(ClusterError) -> Set<ClusterDeployment> {
    try await look("deployments") { () async throws(ClusterError) in try await base.deployments() }
  }

  package func queue(for id: String) async throws(ClusterError) -> QueueStatus? {
    try await look("queue for \(id)") { () async throws(ClusterError) in try await base.queue(for: id) }
  }

  package func events() -> AsyncStream<ClusterEvent> { stream(base.events()) }

  package func taskLog(_ task: TaskReference, stream: TaskLogStream, limit: Int) async -> String? {
    guard await gate.pass(FaultPoint(.look, .before, "log of \(task.task)")) == nil else { return nil }
    return await base.taskLog(task, stream: stream, limit: limit)
  }
}
