import Concurrency
import JSON

extension Cluster {
  static let cancelled = "The upgrade has been cancelled"

  /// Deployments under way that touch one of `ids`.
  func locks(on ids: some Collection<String>) -> [Deployment] {
    deployments.filter { deployment in deployment.plan.affected.contains(where: ids.contains) }
  }

  mutating func cancel(_ deployment: Deployment) {
    deployments.removeAll { $0.id == deployment.id }
    publishPlan("deployment_failed", deployment.plan, showsId: true, reason: Self.cancelled)
  }

  /// Begins a plan and goes on as far as nothing has to be waited for.
  mutating func start(_ plan: DeploymentPlan) {
    deployments.append(Deployment(plan: plan))
    beginStep(of: plan.id)
    while advance() {}
  }

  private mutating func beginStep(of id: String) {
    guard let index = deployments.firstIndex(where: { $0.id == id }) else { return }
    let actions = deployments[index].currentActions
    guard !actions.isEmpty else { return }
    publishPlan("deployment_info", deployments[index].plan, step: actions)
    deployments[index].progress = actions.map { action in
      let standing = instances(of: action.app).filter { $0.killing == .no }.count
      let wanted = apps[action.app]?.definition.instances ?? 0
      return ActionProgress(
        action: action, firstSequence: upcomingSequence, needed: max(0, wanted - standing))
    }
    for action in actions {
      switch action {
      case .start(let id), .restart(let id): announceHealthChecks(of: id)
      case .stop(let id):
        if !(deployments[index].plan.original[id]?.healthChecks.isEmpty ?? true) {
          publish("remove_health_check_event", ["appId": .string(id)])
        }
      case .scale: break
      }
    }
  }

  private mutating func announceHealthChecks(of id: String) {
    guard let definition = apps[id]?.definition else { return }
    for check in definition.healthChecks {
      var object: JSONObject = [
        "appId": .string(id), "eventType": "add_health_check_event", "healthCheck": check.json,
      ]
      object["timestamp"] = .string(now.description)
      object["version"] = .string(definition.version.description)
      effects.append(
        .publish(ClusterNotice(type: "add_health_check_event", light: .object(object), plan: nil)))
    }
  }

  /// Takes the first deployment whose step is over one step on; whether there was one.
  mutating func advance() -> Bool {
    for index in deployments.indices {
      for position in deployments[index].progress.indices where !deployments[index].progress[position].isDone {
        if isOver(deployments[index].progress[position]) {
          deployments[index].progress[position].isDone = true
          if case .stop(let id) = deployments[index].progress[position].action {
            publish("app_terminated_event", ["appId": .string(id)])
          }
        }
      }
      guard deployments[index].progress.allSatisfy(\.isDone) else { continue }
      let deployment = deployments[index]
      if !deployment.currentActions.isEmpty {
        publishPlan("deployment_step_success", deployment.plan, step: deployment.currentActions)
      }
      deployments[index].step += 1
      deployments[index].progress = []
      if deployments[index].currentActions.isEmpty {
        deployments.remove(at: index)
        publishPlan("deployment_success", deployment.plan, showsId: true)
      } else {
        beginStep(of: deployment.id)
      }
      return true
    }
    return false
  }

  private func isOver(_ progress: ActionProgress) -> Bool {
    let id = progress.action.app
    switch progress.action {
    case .start: return true
    case .stop: return taskIds[id] == nil
    case .scale:
      guard let app = apps[id]?.definition else { return true }
      let own = instances(of: id)
      return progress.up.count >= progress.needed && own.allSatisfy { $0.killing == .no } && own.count <= app.instances
    case .restart:
      guard let app = apps[id]?.definition else { return true }
      let upgrade = upgrade(of: app, up: progress.up)
      return upgrade.old + upgrade.oldLeaving == 0 && upgrade.newReady >= app.instances
    }
  }

  /// The upgrade under way for an application, if one is.
  func upgradeProgress(of id: String) -> ActionProgress? {
    for deployment in deployments {
      for progress in deployment.progress where progress.action == .restart(id) && !progress.isDone { return progress }
    }
    return nil
  }

  func upgrade(of app: AppDefinition, up: Set<String>) -> RollingUpgrade {
    let own = instances(of: app.id)
    let new = own.filter { $0.app.version == app.version }
    let old = own.filter { $0.app.version != app.version }
    return RollingUpgrade(
      instances: app.instances, strategy: app.upgradeStrategy,
      old: old.filter { $0.killing == .no }.count, oldLeaving: old.filter { $0.killing != .no }.count,
      new: new.filter { $0.killing == .no }.count,
      newReady: min(up.count, app.instances),
      newLeaving: new.filter { $0.killing != .no }.count)
  }
}
