import Concurrency
import JSON

/// One instance of an application with its one task, from the accepted offer to the end of its process.
struct Instance: Sendable {
  enum Condition: String, Sendable, Hashable {
    case created = "Created"
    case starting = "Starting"
    case running = "Running"
    case killed = "Killed"
    case failed = "Failed"
    case finished = "Finished"
  }

  enum Killing: Sendable, Hashable {
    case no
    /// Asked for by a deployment, a scaling or a request.
    case requested
    case unhealthy
  }

  let uuid: String
  let appId: String
  /// The definition that it was started with.
  let app: AppDefinition
  let agent: Agent
  let agentIndex: Int
  let ports: [Int]
  let stagedAt: Timestamp
  /// Rises with every instance of the cluster; the higher, the younger.
  let sequence: Int

  var condition = Condition.created
  var startedAt: Timestamp?
  var killing = Killing.no
  /// One per check of `app`.
  var health: [HealthState]
  /// Checks that have been sent and not answered.
  var probing: Set<Int> = []
  /// What instance_health_changed_event said last.
  var isHealthy: Bool?

  init(
    uuid: String, app: AppDefinition, agent: Agent, agentIndex: Int, ports: [Int], stagedAt: Timestamp, sequence: Int
  ) {
    self.uuid = uuid
    self.appId = app.id
    self.app = app
    self.agent = agent
    self.agentIndex = agentIndex
    self.ports = ports
    self.stagedAt = stagedAt
    self.sequence = sequence
    self.health = Array(repeating: HealthState(), count: app.healthChecks.count)
  }

  var taskId: String { "\(AppPath.flat(appId)).\(uuid)" }
  var instanceId: String { "\(AppPath.flat(appId)).marathon-\(uuid)" }

  /// Counts as up for a deployment: running, and healthy where there is a check.
  var isReady: Bool {
    condition == .running && killing == .no && (app.healthChecks.isEmpty || isHealthy == true)
  }

  var taskState: String {
    switch condition {
    case .created: "TASK_STAGING"
    case .starting: "TASK_STARTING"
    case .running: "TASK_RUNNING"
    case .killed: "TASK_KILLED"
    case .failed: "TASK_FAILED"
    case .finished: "TASK_FINISHED"
    }
  }

  var addresses: JSON { [["ipAddress": .string(agent.hostname), "protocol": "IPv4"]] }

  /// The task as `/v2/apps/{id}/tasks` has it; `/v2/tasks` fills in the service ports.
  func taskJSON(servicePorts: [Int] = []) -> JSON {
    var object: JSONObject = [
      "appId": .string(appId),
      "healthCheckResults": .array(health.filter(\.isKnown).map { $0.json(instanceId: instanceId) }),
      "host": .string(agent.hostname),
      "id": .string(taskId),
      "ipAddresses": condition == .running ? addresses : [],
      "ports": .array(ports.map { .integer(Int64($0)) }),
      "servicePorts": .array(servicePorts.map { .integer(Int64($0)) }),
      "slaveId": .string(agent.id),
      "state": .string(taskState),
      "stagedAt": .string(stagedAt.description),
    ]
    if let startedAt { object["startedAt"] = .string(startedAt.description) }
    object["version"] = .string(app.version.description)
    object["localVolumes"] = []
    return .object(object)
  }
}
