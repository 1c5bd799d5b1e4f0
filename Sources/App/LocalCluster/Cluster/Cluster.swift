package import Concurrency
package import JSON

/// The whole of the embedded cluster as a value: applications, deployments, instances, agents.
///
/// It decides and does nothing: requests and events go in, effects come out. It has no clock: every call says what time it is.
package struct Cluster: Sendable {
  /// The series of service ports.
  static let servicePorts = 10_000...20_000

  package let agents: [Agent]
  package let frameworkId: String
  /// A random version 4 UUID.
  let makeUUID: @Sendable () -> String
  let pick: @Sendable (Int) -> Int
  let isPortFree: @Sendable (Int) -> Bool

  package internal(set) var now = Timestamp(millisecondsSinceEpoch: 0)
  var apps: [String: AppState] = [:]
  var versions: [String: [Timestamp: AppDefinition]] = [:]
  var deployments: [Deployment] = []
  /// By task id. Instances come and go with `add` and `remove`.
  var instances: [String: Instance] = [:]
  /// Task ids of each application's instances, the oldest first; no entry is empty.
  private(set) var taskIds: [String: [String]] = [:]
  var effects: [ClusterEffect] = []
  private var sequence = 0
  /// Rises whenever resources come back or a definition changes.
  var resourceRevision = 0
  var isStopping = false
  private var lastVersion = Timestamp(millisecondsSinceEpoch: 0)

  /// - Parameters:
  ///   - makeUUID: for ids of instances and deployments.
  ///   - pick: a number below its argument, for the place in a port range where a search starts.
  ///   - isPortFree: whether nothing on this machine listens on a port.
  package init(
    agents: [Agent], frameworkId: String, makeUUID: @escaping @Sendable () -> String,
    pick: @escaping @Sendable (Int) -> Int, isPortFree: @escaping @Sendable (Int) -> Bool
  ) {
    self.agents = agents
    self.frameworkId = frameworkId
    self.makeUUID = makeUUID
    self.pick = pick
    self.isPortFree = isPortFree
  }

  /// Puts back what an earlier process had: its applications stand again and their tasks are started anew.
  package mutating func restore(
    current: [AppDefinition], history: [AppDefinition], at time: Timestamp
  ) -> [ClusterEffect] {
    begin(at: time)
    for definition in history {
      versions[definition.id, default: [:]][definition.version] = definition
      lastVersion = max(lastVersion, definition.version)
    }
    for definition in current { apps[definition.id] = AppState(definition) }
    settle()
    return drain()
  }

  package mutating func handle(_ event: ClusterEvent, at time: Timestamp) -> [ClusterEffect] {
    begin(at: time)
    switch event {
    case .taskStarting(let id): taskStarting(id)
    case .taskRunning(let id): taskRunning(id)
    case .taskEnded(let id, let end): taskEnded(id, end)
    case .timer(.launch(let appId)): apps[appId]?.timerAt = nil
    case .timer(.healthCheck(let id, let index)): healthCheckIsDue(id, index)
    case .probed(let id, let index, let result): probed(id, index, result)
    }
    settle()
    return drain()
  }

  /// Ends every task and starts no more; what stands is started again by whoever restores it.
  package mutating func stop(at time: Timestamp) -> [ClusterEffect] {
    begin(at: time)
    isStopping = true
    for id in instances.keys.sorted() { kill(id) }
    return drain()
  }

  /// Publishes an event that no state stands behind.
  package mutating func announce(_ type: String, _ members: JSONObject, at time: Timestamp) -> [ClusterEffect] {
    begin(at: time)
    publish(type, members)
    return drain()
  }

  mutating func begin(at time: Timestamp) { now = max(now, time) }

  mutating func drain() -> [ClusterEffect] {
    defer { effects = [] }
    return effects
  }

  /// A version later than every one before.
  mutating func nextVersion() -> Timestamp {
    lastVersion = max(now, lastVersion + .milliseconds(1))
    return lastVersion
  }

  mutating func nextSequence() -> Int {
    sequence += 1
    return sequence
  }

  /// What the next instance would be numbered.
  var upcomingSequence: Int { sequence + 1 }

  var definitions: [String: AppDefinition] { apps.mapValues(\.definition) }

  func instances(of appId: String) -> [Instance] {
    (taskIds[appId] ?? []).compactMap { instances[$0] }
  }

  mutating func add(_ instance: Instance) {
    instances[instance.taskId] = instance
    taskIds[instance.appId, default: []].append(instance.taskId)
  }

  mutating func remove(_ instance: Instance) {
    instances[instance.taskId] = nil
    taskIds[instance.appId]?.removeAll { $0 == instance.taskId }
    if taskIds[instance.appId]?.isEmpty == true { taskIds[instance.appId] = nil }
  }
}
