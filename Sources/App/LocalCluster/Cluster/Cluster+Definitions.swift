import Concurrency
import JSON

extension Cluster {
  func decode(_ body: JSON, id: String? = nil, path: String = "") throws(ClusterFault) -> AppDefinition {
    do { return try AppDefinition.decode(body, id: id, path: path) } catch { throw ClusterFault(error) }
  }

  /// The definition that a body makes of the application as it stands.
  func merged(_ id: String, _ body: JSON, partial: Bool, path: String = "") throws(ClusterFault) -> AppDefinition {
    // Marathon takes a body that is no object for one without members.
    let object = body.objectValue ?? JSONObject()
    guard AppPath.isWellFormed(id) else {
      throw ClusterFault(.malformed([DefinitionFault(path: "\(path)/id", message: "error.pattern")]))
    }
    if let wanted = object["version"], !wanted.isNull { return try past(id, object, wanted, path: path) }
    guard partial, let current = apps[id]?.definition else {
      return try decode(.object(object), id: id, path: path)
    }
    return try decode(.object(Self.overlay(current.json, with: object)), id: id, path: path)
  }

  /// `{"version": "…"}`: back to that version.
  private func past(
    _ id: String, _ object: JSONObject, _ wanted: JSON, path: String
  ) throws(ClusterFault) -> AppDefinition {
    guard let text = wanted.stringValue else {
      throw ClusterFault(.malformed([DefinitionFault(path: "\(path)/version", message: "error.expected.date")]))
    }
    guard let version = Timestamp(text) else {
      throw ClusterFault(
        .malformed([DefinitionFault(path: "\(path)/version", message: "error.expected.date.isoformat")]))
    }
    if object.contains(where: { $0.key != "version" && $0.key != "id" && !$0.value.isNull }) {
      throw .invalid("The 'version' field may only be combined with the 'id' field.")
    }
    guard let definition = versions[id]?[version] else { throw .noApp(id) }
    return definition
  }

  /// Members of `update` that are not null take the place of those in `current`, in whichever form they come.
  private static func overlay(_ current: JSONObject, with update: JSONObject) -> JSONObject {
    var result = current
    result["version"] = nil
    result["versionInfo"] = nil
    func gives(_ key: String) -> Bool { update[key].map { !$0.isNull } ?? false }
    if gives("ports") { result["portDefinitions"] = nil }
    if gives("uris") { result["fetch"] = nil }
    if gives("ipAddress") || (update["container"]?["docker"]?["network"].map { !$0.isNull } ?? false) {
      result["networks"] = nil
    }
    if gives("ipAddress") || gives("networks") { result["portDefinitions"] = nil }
    for (key, value) in update where !value.isNull { result[key] = value }
    return result
  }

  /// Makes a change of applications the truth and begins its deployment.
  ///
  /// Nothing has changed when this throws, except that the refusal has been published.
  mutating func change(
    _ changes: [String: AppDefinition?], version: Timestamp, force: Bool, restarted: Set<String> = []
  ) throws(ClusterFault) -> DeploymentPlan {
    let before = definitions
    var after = before
    for (id, definition) in changes {
      guard var definition else {
        after[id] = nil
        continue
      }
      assignServicePorts(&definition, before: before[id], others: after.values.filter { $0.id != id })
      if let old = before[id], !restarted.contains(id), definition.isSame(as: old) { continue }
      definition.versionInfo = Self.versionInfo(
        definition, before: before[id], version: version, isRestart: restarted.contains(id))
      after[id] = definition
    }
    try Self.refuseConflicts(after, changed: Set(changes.keys))
    let plan = DeploymentPlan(
      id: makeUUID(), version: version, original: before, target: after, restarted: restarted)
    let locked = plan.steps.isEmpty ? [] : locks(on: plan.affected)
    if !locked.isEmpty, !force {
      publishPlan("deployment_failed", plan, showsId: true, reason: ClusterFault.lockedMessage)
      publishGroupFailure(group: "/", version: version, reason: ClusterFault.lockedMessage)
      throw .locked(by: locked.map(\.id))
    }
    for deployment in locked { cancel(deployment) }
    apply(after)
    start(plan)
    return plan
  }

  private mutating func apply(_ after: [String: AppDefinition]) {
    resourceRevision += 1
    for id in apps.keys where after[id] == nil {
      apps[id] = nil
      effects.append(.store(.removed(appId: id)))
    }
    for (id, definition) in after where apps[id]?.definition != definition {
      if apps[id] == nil { apps[id] = AppState(definition) }
      let isScaling = apps[id].map { definition.isScaling(of: $0.definition) } ?? false
      apps[id]?.definition = definition
      apps[id]?.refusedAt = nil
      if !isScaling { apps[id]?.backoff.reset() }
      versions[id, default: [:]][definition.version] = definition
      effects.append(.store(.saved(definition)))
    }
  }

  private static func versionInfo(
    _ definition: AppDefinition, before: AppDefinition?, version: Timestamp, isRestart: Bool
  ) -> AppDefinition.VersionInfo {
    guard let before, !isRestart, definition.isScaling(of: before) else {
      return AppDefinition.VersionInfo(lastScalingAt: version, lastConfigChangeAt: version)
    }
    return AppDefinition.VersionInfo(
      lastScalingAt: version, lastConfigChangeAt: before.versionInfo?.lastConfigChangeAt ?? before.version)
  }

  /// Fills in service ports that were asked for with 0: those that the application had, else the lowest that nobody has.
  private func assignServicePorts(
    _ definition: inout AppDefinition, before: AppDefinition?, others: some Sequence<AppDefinition>
  ) {
    guard definition.servicePorts.contains(0) else { return }
    let own = Set(definition.servicePorts)
    var former = (before?.servicePorts ?? []).filter { Self.servicePorts.contains($0) && !own.contains($0) }[...]
    var taken = own.union(others.flatMap(\.servicePorts))
    var next = Self.servicePorts.lowerBound
    definition.servicePorts = definition.servicePorts.map { port in
      guard port == 0 else { return port }
      if let old = former.popFirst(), !taken.contains(old) {
        taken.insert(old)
        return old
      }
      while taken.contains(next), next < Self.servicePorts.upperBound { next += 1 }
      taken.insert(next)
      return next
    }
  }

  /// What no application's own definition can tell: ids that are groups, and cycles.
  private static func refuseConflicts(_ apps: [String: AppDefinition], changed: Set<String>) throws(ClusterFault) {
    for id in changed where apps[id] != nil {
      let isGroup = apps.keys.contains { $0.hasPrefix(id + "/") }
      var parent = AppPath.parent(id)
      var isBelow = false
      while parent != "/" {
        if apps[parent] != nil { isBelow = true }
        parent = AppPath.parent(parent)
      }
      if isGroup || isBelow { throw .invalid("Groups and Applications may not have the same identifier.") }
    }
    var state: [String: Bool] = [:]
    func hasCycle(_ id: String) -> Bool {
      if let isOpen = state[id] { return isOpen }
      guard let app = apps[id] else { return false }
      state[id] = true
      defer { state[id] = false }
      return app.dependencies.contains(where: hasCycle)
    }
    if apps.keys.contains(where: hasCycle) { throw .invalid("Dependency graph has cyclic dependencies.") }
  }
}
