package import Concurrency
package import JSON

/// An application as the cluster describes it at one moment.
package struct LiveApplication: Sendable, Hashable {
  package var id: String
  package var version: String
  /// The whole answer, in the cluster's form: filled in and normalised, with what we do not know.
  package var definition: JSON
  package var instances: Int
  package var hasHealthChecks: Bool
  package var tasksStaged: Int
  package var tasksRunning: Int
  package var tasksHealthy: Int
  package var tasksUnhealthy: Int
  /// Deployments under way that touch it.
  package var deployments: [String]
  package var tasks: [LiveTask]
  package var lastTaskFailure: TaskFailure?

  package init(
    id: String, version: String, definition: JSON, instances: Int, hasHealthChecks: Bool = false,
    tasksStaged: Int = 0, tasksRunning: Int = 0, tasksHealthy: Int = 0, tasksUnhealthy: Int = 0,
    deployments: [String] = [], tasks: [LiveTask] = [], lastTaskFailure: TaskFailure? = nil
  ) {
    self.id = id
    self.version = version
    self.definition = definition
    self.instances = instances
    self.hasHealthChecks = hasHealthChecks
    self.tasksStaged = tasksStaged
    self.tasksRunning = tasksRunning
    self.tasksHealthy = tasksHealthy
    self.tasksUnhealthy = tasksUnhealthy
    self.deployments = deployments
    self.tasks = tasks
    self.lastTaskFailure = lastTaskFailure
  }
}

package struct LiveTask: Sendable, Hashable {
  package var id: String
  package var host: String
  package var agent: String?
  /// The agent's ports in the order of the application's.
  package var ports: [Int]
  /// As Mesos names it: `TASK_RUNNING`.
  package var state: String
  package var startedAt: Timestamp?
  /// The version of the application that it was started for.
  package var version: String?
  package var health: [TaskHealth]

  package init(
    id: String, host: String, agent: String? = nil, ports: [Int], state: String, startedAt: Timestamp? = nil,
    version: String? = nil, health: [TaskHealth] = []
  ) {
    self.id = id
    self.host = host
    self.agent = agent
    self.ports = ports
    self.state = state
    self.startedAt = startedAt
    self.version = version
    self.health = health
  }
}

/// The last result of one health check of one task.
package struct TaskHealth: Sendable, Hashable {
  package var isAlive: Bool
  package var consecutiveFailures: Int
  package var lastFailureCause: String?

  package init(isAlive: Bool, consecutiveFailures: Int = 0, lastFailureCause: String? = nil) {
    self.isAlive = isAlive
    self.consecutiveFailures = consecutiveFailures
    self.lastFailureCause = lastFailureCause
  }
}

/// How the last task that failed came to its end. It stays after the application works again.
package struct TaskFailure: Sendable, Hashable {
  package var task: String
  package var host: String
  package var agent: String?
  /// As Mesos names it: `TASK_FAILED`.
  package var state: String
  package var message: String
  package var at: Timestamp?
  /// The version of the application that the task was started for.
  package var version: String?

  package init(
    task: String, host: String, agent: String? = nil, state: String, message: String, at: Timestamp? = nil,
    version: String? = nil
  ) {
    self.task = task
    self.host = host
    self.agent = agent
    self.state = state
    self.message = message
    self.at = at
    self.version = version
  }
}

/// Instances that wait for an offer or a backoff.
package struct QueueStatus: Sendable, Hashable {
  package var waiting: Int
  /// What is left of the delay after failures; `nil` or zero for none.
  package var delay: Duration?
  /// Why offers were declined, one sentence each, the most frequent first: `no agent with enough cpus: 3 of 3 have less
  /// than 64`.
  package var reasons: [String]

  package init(waiting: Int, delay: Duration? = nil, reasons: [String] = []) {
    self.waiting = waiting
    self.delay = delay
    self.reasons = reasons
  }
}
