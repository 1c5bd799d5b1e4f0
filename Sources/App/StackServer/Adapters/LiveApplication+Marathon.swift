import Concurrency
import Engine
import JSON
import MarathonClient

extension LiveApplication {
  init(_ app: MarathonApp) {
    self.init(
      id: app.id, version: app.version ?? "", definition: .object(app.definition), instances: app.instances,
      hasHealthChecks: app.hasHealthChecks, tasksStaged: app.status.tasksStaged ?? 0,
      tasksRunning: app.status.tasksRunning ?? 0, tasksHealthy: app.status.tasksHealthy ?? 0,
      tasksUnhealthy: app.status.tasksUnhealthy ?? 0, deployments: app.deploymentIDs ?? [],
      tasks: (app.status.tasks ?? []).map(LiveTask.init),
      lastTaskFailure: app.status.lastTaskFailure.map(TaskFailure.init))
  }
}

extension LiveTask {
  fileprivate init(_ task: MarathonTask) {
    self.init(
      id: task.id, host: task.host ?? "", agent: task.slaveId, ports: task.ports ?? [],
      // Old versions tell no state; what has started runs.
      state: (task.state ?? (task.startedAt == nil ? .staging : .running)).rawValue,
      startedAt: task.startedAt.flatMap { Timestamp($0) }, version: task.version,
      health: (task.healthCheckResults ?? []).compactMap { $0.map(TaskHealth.init) })
  }
}

extension TaskHealth {
  fileprivate init(_ result: MarathonHealthCheckResult) {
    self.init(
      isAlive: result.alive, consecutiveFailures: result.consecutiveFailures ?? 0,
      lastFailureCause: result.lastFailureCause)
  }
}

extension TaskFailure {
  fileprivate init(_ failure: MarathonTaskFailure) {
    self.init(
      task: failure.taskId ?? "", host: failure.host ?? "", agent: failure.slaveId,
      state: failure.state?.rawValue ?? "", message: failure.message ?? "",
      at: failure.timestamp.flatMap { Timestamp($0) }, version: failure.version)
  }
}
