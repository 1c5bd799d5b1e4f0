import Concurrency
import FaultInjection
import JSON
import StackModel
import Store

@testable import Engine

/// The cluster, and who owns what is on it.
extension Simulation {
  mutating func observe(_ order: RunStateMachine.ObservationOrder) {
    if chance(5) {
      faults += 1
      let code =
        [ClusterError.Code.unavailable, .unintelligible, .undecided].randomElement(using: &random) ?? .undecided
      answer(
        .observed(
          application: order.application, token: order.token, .failure(ClusterError(code, "injected"))))
      return
    }
    var seen = RunStateMachine.Observation()
    seen.live = live(order.clusterID)
    if order.wantsOwner { seen.owner = owners[order.clusterID] }
    if order.wantsDeployments {
      seen.deployments = Set(deployments.map { ClusterDeployment(id: $0.key, applications: [$0.value]) })
    }
    answer(.observed(application: order.application, token: order.token, .success(seen)))
  }

  private func live(_ id: String) -> LiveApplication? {
    guard let app = apps[id] else { return nil }
    var definition = app.definition.objectValue ?? [:]
    definition["id"] = .string(id)
    let instances = Int(definition["instances"]?.intValue ?? 1)
    return LiveApplication(
      id: id, version: app.version, definition: .object(definition), instances: instances,
      tasksRunning: app.isHealthy ? instances : 0, deployments: app.deployment.map { [$0] } ?? [],
      tasks: app.isHealthy
        ? (1...instances).map { LiveTask(id: "\(id).\($0)", host: "h", ports: [$0], state: "TASK_RUNNING") } : [])
  }

  // MARK: Changes

  /// Claims what is not ours yet, then sends the change; or notes only whose the application is.
  mutating func change(_ order: RunStateMachine.ChangeOrder) {
    let result: Result<ClusterChange, ClusterError>
    if order.isSettled || order.change.kind == .adopt {
      let version = order.isSettled ? order.versionNow : order.change.versionBefore
      result =
        note(order) ? .success(ClusterChange(deployment: nil, version: version)) : .failure(Self.notNoted(order))
    } else if claim(order) {
      // On its way, for less than the time that settling waits.
      later(.change(order, life: life), within: chance(4) ? 2_900 : 100)
      return
    } else {
      result = .failure(Self.notNoted(order))
    }
    answer(.changed(application: order.application, token: order.token, result))
  }

  private static func notNoted(_ order: RunStateMachine.ChangeOrder) -> ClusterError {
    ClusterError(.storeUnavailable, "the ownership of \(order.clusterID) could not be noted")
  }

  mutating func arrive(_ order: RunStateMachine.ChangeOrder, _ sender: Int) {
    var result = carryOut(order)
    guard sender == life else { return }
    // Noted by the server, before its run learns of it.
    if case .success = result, !note(order) {
      result = .failure(ClusterError(.undecided, Self.notNoted(order).message))
    }
    answer(.changed(application: order.application, token: order.token, result))
  }

  /// What the cluster makes of a request; sometimes the answer says nothing of it.
  private mutating func carryOut(_ order: RunStateMachine.ChangeOrder) -> Result<ClusterChange, ClusterError> {
    if chance(8) {
      faults += 1
      return .failure(ClusterError(.undecided, "injected: it never arrived"))
    }
    if chance(8) {
      faults += 1
      return .failure(ClusterError(.unavailable, "injected: it was refused"))
    }
    let result = carryOutSurely(order)
    guard case .success = result else { return result }
    // A proxy on the way has lost the answer and sends the request once more: what is told is that it is there already,
    // held or gone. Not so a restart, which happens as often as it is sent: nothing may repeat it.
    if order.change.kind != .restart, chance(5) {
      faults += 1
      repeated.insert("\(order.change.kind)")
      toldOfRepetition[order.clusterID, default: 0] += 1
      return carryOutSurely(order)
    }
    if chance(5) {
      faults += 1
      let code = [ClusterError.Code.undecided, .unintelligible].randomElement(using: &random) ?? .undecided
      return .failure(ClusterError(code, "injected: the answer got lost"))
    }
    return result
  }

  private mutating func carryOutSurely(
    _ order: RunStateMachine.ChangeOrder
  ) -> Result<ClusterChange, ClusterError> {
    let id = order.clusterID
    let result: ClusterChange
    switch order.change.kind {
    // Nothing is sent for it.
    case .adopt: return .failure(ClusterError(.invalid, "there is no such request"))
    case .create:
      guard apps[id] == nil else { return .failure(ClusterError(.exists, "it exists")) }
      result = deploy(id, order.change.definition)
    case .update, .restart:
      guard let app = apps[id] else { return .failure(ClusterError(.notFound, "it is gone")) }
      if let deployment = app.deployment {
        return .failure(ClusterError(.locked(deployments: [deployment]), "it is locked"))
      }
      result = deploy(id, order.change.kind == .restart ? app.definition : order.change.definition)
    case .destroy:
      guard let app = apps.removeValue(forKey: id) else { return .failure(ClusterError(.notFound, "it is gone")) }
      if let former = app.deployment { deployments[former] = nil }
      let deployment = nextVersion("d")
      deployments[deployment] = id
      later(.removalEnds(deployment: deployment), within: 4_000)
      result = ClusterChange(deployment: deployment, version: nil)
    }
    effects["\(order.change.kind.rawValue) \(id)", default: 0] += 1
    return .success(result)
  }

  private mutating func deploy(_ id: String, _ definition: JSON) -> ClusterChange {
    let deployment = nextVersion("d")
    let version = nextVersion("v")
    apps[id] = App(definition: definition, version: version, deployment: deployment)
    deployments[deployment] = id
    later(.progress(id), within: 8_000)
    hint(.changed(applications: [id]))
    return ClusterChange(deployment: deployment, version: version)
  }

  private mutating func nextVersion(_ prefix: String) -> String {
    versions += 1
    return "\(prefix)\(versions)"
  }

  // MARK: Owners

  /// - Returns: false where the claim is refused.
  private mutating func claim(_ order: RunStateMachine.ChangeOrder) -> Bool {
    guard order.owner != nil, order.ownerBefore == nil else { return true }
    return put(order, .null, version: 1)
  }

  /// - Returns: false where somebody else has written in between, or the same write was done before.
  private mutating func note(_ order: RunStateMachine.ChangeOrder) -> Bool {
    guard let claim = order.owner else { return true }
    let isClaimed = !order.isSettled && order.change.kind != .adopt && order.ownerBefore == nil
    return put(order, claim.definition, version: (order.ownerBefore?.version ?? (isClaimed ? 1 : 0)) + 1)
  }

  private mutating func put(
    _ order: RunStateMachine.ChangeOrder, _ definition: JSON, version: Int
  ) -> Bool {
    guard (owners[order.clusterID]?.version ?? 0) + 1 == version else { return false }
    owners[order.clusterID] = OwnershipRecord(
      application: order.clusterID, stack: "s", zone: "", revision: 1, run: RunID(1), versionBefore: nil,
      definition: definition, dependencies: order.owner?.dependencies ?? [], at: now, version: version)
    return true
  }
}
