import Concurrency
import JSON

extension Cluster {
  mutating func taskStarting(_ id: String) {
    guard instances[id]?.condition == .created else { return }
    instances[id]?.condition = .starting
    guard let instance = instances[id] else { return }
    publishStatus(instance, "TASK_STARTING")
    publishCondition(instance)
  }

  mutating func taskRunning(_ id: String) {
    guard let before = instances[id]?.condition, before == .created || before == .starting else { return }
    instances[id]?.condition = .running
    instances[id]?.startedAt = now
    guard let instance = instances[id] else { return }
    publishStatus(instance, "TASK_RUNNING")
    publishCondition(instance)
    for (index, check) in instance.app.healthChecks.enumerated() {
      effects.append(.schedule(.healthCheck(taskId: id, index: index), at: now + check.firstDelay))
    }
    noteReadiness(instance)
  }

  mutating func taskEnded(_ id: String, _ end: TaskEnd) {
    guard var instance = instances[id] else { return }
    let status: String
    if instance.killing != .no {
      instance.condition = .killed
      status = "TASK_KILLED"
    } else if end.isSuccess {
      instance.condition = .finished
      status = "TASK_FINISHED"
    } else {
      instance.condition = .failed
      status = "TASK_FAILED"
    }
    remove(instance)
    resourceRevision += 1
    publishStatus(instance, status, message: end.message)
    publishCondition(instance)
    if instance.condition == .failed {
      let failure = failure(instance, state: status, message: end.message)
      apps[instance.appId]?.lastTaskFailure = failure
    }
    if instance.condition != .killed, let app = apps[instance.appId]?.definition {
      // A changed definition does not answer for what the one before did.
      if instance.app.version >= app.versionInfo?.lastConfigChangeAt ?? app.version {
        apps[instance.appId]?.backoff.taskEnded(app, ranFor: now - (instance.startedAt ?? now), at: now)
      }
    }
  }

  func failure(_ instance: Instance, state: String, message: String) -> JSON {
    [
      "appId": .string(instance.appId),
      "host": .string(instance.agent.hostname),
      "message": .string(message),
      "state": .string(state),
      "taskId": .string(instance.taskId),
      "timestamp": .string(now.description),
      "version": .string(instance.app.version.description),
      "slaveId": .string(instance.agent.id),
    ]
  }

  mutating func kill(_ id: String, _ reason: Instance.Killing = .requested) {
    guard let instance = instances[id], instance.killing == .no else { return }
    instances[id]?.killing = reason
    effects.append(.kill(taskId: id, grace: instance.app.killGracePeriod))
  }

  /// Tells the deployments under way that an instance is up.
  mutating func noteReadiness(_ instance: Instance) {
    guard instance.isReady else { return }
    for index in deployments.indices {
      for position in deployments[index].progress.indices {
        let progress = deployments[index].progress[position]
        switch progress.action {
        case .scale(instance.appId) where instance.sequence >= progress.firstSequence,
          .restart(instance.appId) where instance.app.version == apps[instance.appId]?.definition.version:
          deployments[index].progress[position].up.insert(instance.taskId)
        default: break
        }
      }
    }
  }
}
