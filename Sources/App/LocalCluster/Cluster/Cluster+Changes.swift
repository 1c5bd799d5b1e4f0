package import Concurrency
package import JSON

/// What a change is answered with.
package struct ChangeReceipt: Sendable, Hashable {
  package var version: Timestamp
  package var deploymentId: String
  /// The body of the answer.
  package var body: JSON
  /// 201 where something new came into being.
  package var status = 200

  init(_ plan: DeploymentPlan) {
    version = plan.version
    deploymentId = plan.id
    body = ["version": .string(plan.version.description), "deploymentId": .string(plan.id)]
  }
}

/// Who asks, for the events that name it.
package struct RequestOrigin: Sendable, Hashable {
  package var uri: String
  package var clientAddress: String

  package init(uri: String, clientAddress: String) {
    self.uri = uri
    self.clientAddress = clientAddress
  }
}

extension Cluster {
  /// `POST /v2/apps`.
  package mutating func create(
    _ body: JSON, force: Bool, origin: RequestOrigin, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect]) {
    begin(at: time)
    var definition = try decode(body)
    if apps[definition.id] != nil {
      throw ClusterFault(status: 409, message: "An app with id [\(definition.id)] already exists.")
    }
    let version = nextVersion()
    definition.version = version
    let plan = try change([definition.id: definition], version: version, force: force)
    var answer = definition.json
    for (key, value) in Self.noTasks { answer[key] = value }
    answer["deployments"] = [["id": .string(plan.id)]]
    answer["tasks"] = []
    publishPost(definition, uri: origin.uri, clientAddress: origin.clientAddress)
    publishGroupChange(group: AppPath.parent(definition.id), version: version)
    settle()
    var receipt = ChangeReceipt(plan)
    receipt.body = .object(answer)
    receipt.status = 201
    return (receipt, drain())
  }

  private static let noTasks: JSONObject = [
    "tasksStaged": 0, "tasksRunning": 0, "tasksHealthy": 0, "tasksUnhealthy": 0,
  ]

  /// `PUT` and `PATCH /v2/apps/{id}`. With `partial` what the body leaves out stays as it is.
  package mutating func update(
    _ id: String, _ body: JSON, partial: Bool, force: Bool, origin: RequestOrigin, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect]) {
    begin(at: time)
    var definition = try merged(id, body, partial: partial)
    let isNew = apps[definition.id] == nil
    let version = nextVersion()
    definition.version = version
    let plan = try change([definition.id: definition], version: version, force: force)
    publishPost(apps[definition.id]?.definition ?? definition, uri: origin.uri, clientAddress: origin.clientAddress)
    publishGroupChange(group: AppPath.parent(definition.id), version: version)
    settle()
    var receipt = ChangeReceipt(plan)
    if isNew { receipt.status = 201 }
    return (receipt, drain())
  }

  /// `PUT` and `PATCH /v2/apps`: several at once, in one deployment.
  package mutating func update(
    all body: JSON, partial: Bool, mustExist: Bool, force: Bool, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect]) {
    begin(at: time)
    guard let elements = body.arrayValue else {
      throw ClusterFault(.malformed([DefinitionFault(path: "", message: "error.expected.jsarray")]))
    }
    let version = nextVersion()
    var changes: [String: AppDefinition] = [:]
    for (index, element) in elements.enumerated() {
      guard let text = element["id"]?.stringValue else {
        let message = "'id' is undefined on object: \(element.text)"
        throw ClusterFault(.malformed([DefinitionFault(path: "(\(index))/id", message: message)]))
      }
      let id = AppPath.normalized(text)
      if mustExist, apps[id] == nil { throw .noApp(id) }
      var definition = try merged(id, element, partial: partial, path: "(\(index))")
      definition.version = version
      changes[id] = definition
    }
    let plan = try change(changes.mapValues { Optional($0) }, version: version, force: force)
    publishGroupChange(group: "/", version: version)
    settle()
    return (ChangeReceipt(plan), drain())
  }

  /// `DELETE /v2/apps/{id}`.
  package mutating func remove(
    _ id: String, force: Bool, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect]) {
    begin(at: time)
    guard apps[id] != nil else { throw .noApp(id) }
    let version = nextVersion()
    let plan = try change([id: nil], version: version, force: force)
    publishGroupChange(group: AppPath.parent(id), version: version)
    settle()
    return (ChangeReceipt(plan), drain())
  }

  /// `POST /v2/apps/{id}/restart`.
  package mutating func restart(
    _ id: String, force: Bool, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect]) {
    begin(at: time)
    guard var definition = apps[id]?.definition else { throw .noApp(id) }
    let version = nextVersion()
    definition.version = version
    let plan = try change([id: definition], version: version, force: force, restarted: [id])
    publishGroupChange(group: AppPath.parent(id), version: version)
    settle()
    return (ChangeReceipt(plan), drain())
  }

  /// `DELETE /v2/deployments/{id}`: back to what stood before; with `force` only the deployment ends and all stays as it is.
  ///
  /// - Returns: no receipt where there is no rollback.
  package mutating func cancelDeployment(
    _ id: String, force: Bool, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt?, [ClusterEffect]) {
    begin(at: time)
    guard let deployment = deployments.first(where: { $0.id == id }) else {
      throw ClusterFault(status: 404, message: "DeploymentPlan \(id) does not exist")
    }
    if force {
      cancel(deployment)
      settle()
      return (nil, drain())
    }
    let version = nextVersion()
    var changes: [String: AppDefinition?] = [:]
    for app in deployment.plan.affected {
      var before = deployment.plan.original[app]
      before?.version = version
      changes[app] = before
    }
    let plan = try change(
      changes, version: version, force: true, restarted: Set(deployment.plan.affected))
    publishGroupChange(group: "/", version: version)
    settle()
    return (ChangeReceipt(plan), drain())
  }

  /// Ends tasks; each is replaced at once, or with `scale` the application is made smaller by as many.
  package mutating func killTasks(
    _ ids: [String], scale: Bool, force: Bool, at time: Timestamp
  ) throws(ClusterFault) -> (ChangeReceipt?, [JSON], [ClusterEffect]) {
    begin(at: time)
    let chosen = ids.compactMap { instances[$0] }
    let tasks = chosen.map { $0.taskJSON() }
    guard scale else {
      for instance in chosen { kill(instance.taskId) }
      settle()
      return (nil, tasks, drain())
    }
    let version = nextVersion()
    var changes: [String: AppDefinition?] = [:]
    for (id, group) in Dictionary(grouping: chosen, by: \.appId) {
      guard var definition = apps[id]?.definition else { continue }
      definition.instances = max(0, definition.instances - group.count)
      definition.version = version
      changes[id] = definition
    }
    let locked = locks(on: Array(changes.keys))
    if !force, !locked.isEmpty { throw .locked(by: locked.map(\.id)) }
    for instance in chosen { kill(instance.taskId) }
    let plan = try change(changes, version: version, force: force)
    publishGroupChange(group: "/", version: version)
    settle()
    return (ChangeReceipt(plan), tasks, drain())
  }

  /// `DELETE /v2/queue/{id}/delay`.
  package mutating func resetDelay(_ id: String, at time: Timestamp) throws(ClusterFault) -> [ClusterEffect] {
    begin(at: time)
    guard let state = apps[id], state.waiting > 0 else {
      throw ClusterFault(status: 404, message: "Application \(id) not found in tasks queue.")
    }
    apps[id]?.backoff.reset()
    apps[id]?.refusedAt = nil
    settle()
    return drain()
  }
}
