import Concurrency
import JSON

extension Cluster {
  mutating func healthCheckIsDue(_ id: String, _ index: Int) {
    guard let instance = instances[id], instance.condition == .running, instance.killing == .no,
      instance.app.healthChecks.indices.contains(index)
    else { return }
    let check = instance.app.healthChecks[index]
    effects.append(.schedule(.healthCheck(taskId: id, index: index), at: now + check.interval))
    // A check that takes longer than its interval is not sent twice.
    guard !instance.probing.contains(index) else { return }
    instances[id]?.probing.insert(index)
    let position = check.portIndex ?? 0
    let port = check.port ?? (instance.ports.indices.contains(position) ? instance.ports[position] : nil)
    effects.append(
      .probe(HealthProbe(taskId: id, index: index, check: check, host: instance.agent.hostname, port: port)))
  }

  mutating func probed(_ id: String, _ index: Int, _ result: ProbeResult) {
    instances[id]?.probing.remove(index)
    guard var instance = instances[id], instance.condition == .running, instance.killing == .no,
      instance.app.healthChecks.indices.contains(index)
    else { return }
    let check = instance.app.healthChecks[index]
    let wasAlive = instance.health[index].isAlive
    let outcome = instance.health[index].note(
      result, check: check, startedAt: instance.startedAt ?? now, now: now)
    instances[id] = instance
    if case .failed = outcome {
      publishTimed(
        "failed_health_check_event",
        [
          "appId": .string(instance.appId), "eventType": "failed_health_check_event", "healthCheck": check.json,
          "taskId": .string(instance.instanceId),
        ])
    }
    if outcome != .unchanged, instance.health[index].isAlive != wasAlive {
      publish(
        "health_status_changed_event",
        [
          "appId": .string(instance.appId), "instanceId": .string(instance.instanceId),
          "version": .string(instance.app.version.description), "alive": .bool(instance.health[index].isAlive),
        ])
    }
    if outcome != .unchanged { noteHealth(id) }
    if outcome == .failed(kill: true) { killUnhealthy(id, cause: instance.health[index].lastFailureCause ?? "") }
  }

  /// An instance is healthy when all its checks are alive; before each has had a result nothing is known, unless one failed.
  private mutating func noteHealth(_ id: String) {
    guard let instance = instances[id] else { return }
    let healthy: Bool
    if instance.health.contains(where: { $0.isKnown && !$0.isAlive }) {
      healthy = false
    } else if instance.health.allSatisfy(\.isKnown) {
      healthy = true
    } else {
      return
    }
    guard instance.isHealthy != healthy else { return }
    instances[id]?.isHealthy = healthy
    publishTimed(
      "instance_health_changed_event",
      [
        "instanceId": .string(instance.instanceId), "runSpecId": .string(instance.appId), "healthy": .bool(healthy),
        "runSpecVersion": .string(instance.app.version.description),
      ])
    if healthy, let changed = instances[id] { noteReadiness(changed) }
  }

  private mutating func killUnhealthy(_ id: String, cause: String) {
    guard let instance = instances[id] else { return }
    publish(
      "unhealthy_instance_kill_event",
      [
        "appId": .string(instance.appId), "taskId": .string(id), "instanceId": .string(instance.instanceId),
        "version": .string(instance.app.version.description), "reason": .string(cause),
        "host": .string(instance.agent.hostname), "slaveId": .string(instance.agent.id),
      ])
    let failure = failure(
      instance, state: "TASK_KILLED", message: "Task was killed since health check failed. Reason: \(cause)")
    apps[instance.appId]?.lastTaskFailure = failure
    kill(id, .unhealthy)
  }
}
