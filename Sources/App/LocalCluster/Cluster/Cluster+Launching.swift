import Concurrency
import JSON

extension Cluster {
  /// Brings the world nearer to what is wanted, until nothing more can be done now.
  mutating func settle() {
    repeat {
      for id in taskIds.keys.filter({ apps[$0] == nil }).sorted() {
        for instance in instances(of: id) { kill(instance.taskId) }
      }
      for id in apps.keys.sorted() { reconcile(id) }
      launchWaiting()
    } while advance()
  }

  /// Ends what is too much of one application and notes how many instances are missing.
  private mutating func reconcile(_ id: String) {
    guard let app = apps[id]?.definition else { return }
    let own = instances(of: id)
    let wanted: Int
    if let progress = upgradeProgress(of: id) {
      let plan = upgrade(of: app, up: progress.up)
      let old = own.filter { $0.app.version != app.version && $0.killing == .no }
      for instance in leaving(old, plan.kill, app.killSelection) { kill(instance.taskId) }
      let surplus = max(0, plan.new - app.instances)
      for instance in leaving(
        own.filter { $0.app.version == app.version && $0.killing == .no }, surplus, app.killSelection)
      {
        kill(instance.taskId)
      }
      wanted = upgrade(of: app, up: progress.up).launch
    } else {
      let standing = own.filter { $0.killing == .no }
      for instance in leaving(standing, standing.count - app.instances, app.killSelection) { kill(instance.taskId) }
      wanted = max(0, app.instances - own.count)
    }
    apps[id]?.waiting = wanted
    if wanted == 0 {
      apps[id]?.waitingSince = nil
      apps[id]?.refusedAt = nil
    } else if apps[id]?.waitingSince == nil {
      apps[id]?.waitingSince = now
    }
  }

  /// Those that go first: what is not up, then by age.
  private func leaving(_ candidates: [Instance], _ count: Int, _ selection: AppDefinition.KillSelection) -> [Instance] {
    guard count > 0 else { return [] }
    let ordered = candidates.sorted { left, right in
      if left.isReady != right.isReady { return !left.isReady }
      return selection == .youngestFirst ? left.sequence > right.sequence : left.sequence < right.sequence
    }
    return Array(ordered.prefix(count))
  }

  private mutating func launchWaiting() {
    guard !isStopping else { return }
    let waiting = apps.values.filter { $0.waiting > 0 }
      .sorted { ($0.waitingSince ?? now, $0.definition.id) < ($1.waitingSince ?? now, $1.definition.id) }
      .map(\.definition.id)
    for id in waiting { launch(id) }
  }

  private mutating func launch(_ id: String) {
    guard let state = apps[id] else { return }
    if let deadline = state.backoff.deadline, deadline > now {
      if state.timerAt != deadline {
        apps[id]?.timerAt = deadline
        effects.append(.schedule(.launch(appId: id), at: deadline))
      }
      return
    }
    // What did not fit fits only when something has changed.
    if state.refusedAt == resourceRevision { return }
    let app = state.definition
    while let waiting = apps[id]?.waiting, waiting > 0 {
      var search = placementSearch(for: app)
      let (placement, rejections) = search.search(for: app)
      guard let placement else {
        apps[id]?.offers.refused(rejections, at: now)
        apps[id]?.refusedAt = resourceRevision
        return
      }
      apps[id]?.offers.used(at: now)
      apps[id]?.waiting -= 1
      create(app, placement)
    }
    apps[id]?.waitingSince = nil
  }

  private func placementSearch(for app: AppDefinition) -> PlacementSearch {
    var loads = agents.map { AgentLoad($0) }
    for instance in instances.values {
      loads[instance.agentIndex].cpus -= instance.app.cpus
      loads[instance.agentIndex].mem -= instance.app.mem
      loads[instance.agentIndex].disk -= instance.app.disk
      loads[instance.agentIndex].usedPorts.formUnion(instance.ports)
      loads[instance.agentIndex].instances += 1
    }
    let changedAt = app.versionInfo?.lastConfigChangeAt ?? app.version
    let placed = instances(of: app.id).filter { $0.app.version >= changedAt }.map(\.agent)
    return PlacementSearch(loads: loads, placed: placed, isPortFree: isPortFree, pick: pick)
  }

  private mutating func create(_ app: AppDefinition, _ placement: Placement) {
    let agent = agents[placement.agent]
    let instance = Instance(
      uuid: makeUUID(), app: app, agent: agent, agentIndex: placement.agent, ports: placement.ports, stagedAt: now,
      sequence: nextSequence())
    add(instance)
    publishCondition(instance)
    effects.append(
      .launch(TaskLaunch(taskId: instance.taskId, app: app, agent: agent, ports: placement.ports)))
  }
}
