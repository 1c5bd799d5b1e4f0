import Concurrency
import JSON
import Store
import Telemetry

extension RunDriver {
  func observe(
    _ order: RunStateMachine.ObservationOrder
  ) async -> Result<RunStateMachine.Observation, ClusterError> {
    var seen = RunStateMachine.Observation()
    do {
      seen.live = try await environment.gateway.request { (cluster) throws(ClusterError) in
        try await cluster.application(order.clusterID)
      }.get()
      if order.wantsAgents {
        seen.agents = try await environment.gateway.request { (cluster) throws(ClusterError) in
          try await cluster.agents()
        }.get()
      }
      if order.wantsDeployments {
        seen.deployments = try await environment.gateway.request { (cluster) throws(ClusterError) in
          try await cluster.deployments()
        }.get()
      }
    } catch {
      return .failure(error)
    }
    if order.wantsQueue, let live = seen.live, live.tasks.count < live.instances || live.tasksRunning < live.instances {
      // Only for the reason that is shown: without it, waiting goes on as well.
      seen.queue = try? await environment.gateway.request { (cluster) throws(ClusterError) in
        try await cluster.queue(for: order.clusterID)
      }.get()
    }
    if order.wantsOwner {
      do {
        seen.owner = try await environment.store.owner(of: order.clusterID)
      } catch {
        return .failure(ClusterError(error))
      }
    }
    return .success(seen)
  }

  /// Claims the application where it is not ours yet, changes it, and notes what was sent. A server that ends in between
  /// leaves a claim without a definition, or the former definition: neither is taken for "unchanged" later.
  func change(_ order: RunStateMachine.ChangeOrder) async -> Result<ClusterChange, ClusterError> {
    var owner = order.ownerBefore
    if order.change.kind == .adopt, !order.isSettled { return await adopt(order) }
    do {
      if let claim = order.owner, !isOurs(owner), !order.isSettled {
        owner = try await put(claim, definition: .null, over: owner, order)
      }
    } catch {
      return .failure(
        ClusterError(.storeUnavailable, "the ownership of \(order.clusterID) could not be noted: \(error)"))
    }
    let result = await send(order)
    switch result {
    case .success:
      guard let claim = order.owner else { return result }
      do {
        _ = try await put(claim, definition: claim.definition, over: owner, order)
        return result
      } catch {
        return .failure(ClusterError(.undecided, "the ownership of \(order.clusterID) could not be noted: \(error)"))
      }
    case .failure(let error):
      if !error.leavesDoubt { await takeBack(owner, order) }
      return result
    }
  }

  /// The application is as it is wanted: nothing but its owner changes.
  private func adopt(_ order: RunStateMachine.ChangeOrder) async -> Result<ClusterChange, ClusterError> {
    do {
      if let claim = order.owner {
        _ = try await put(claim, definition: claim.definition, over: order.ownerBefore, order)
      }
      return .success(ClusterChange(deployment: nil, version: order.change.versionBefore))
    } catch {
      return .failure(
        ClusterError(.storeUnavailable, "the ownership of \(order.clusterID) could not be noted: \(error)"))
    }
  }

  private func isOurs(_ owner: OwnershipRecord?) -> Bool {
    guard let owner else { return false }
    return owner.stack == run.lane.stack && owner.zone == run.lane.zone
  }

  private func put(
    _ claim: RunStateMachine.OwnershipClaim, definition: JSON, over former: OwnershipRecord?,
    _ order: RunStateMachine.ChangeOrder
  ) async throws(StoreError) -> OwnershipRecord {
    let record = OwnershipRecord(
      application: order.clusterID, stack: run.lane.stack, zone: run.lane.zone, revision: claim.revision, run: run.id,
      versionBefore: claim.versionBefore, definition: definition, dependencies: claim.dependencies,
      at: environment.time.now(), version: (former?.version ?? 0) + 1)
    try await environment.store.putOwnership(record, epoch: environment.epoch)
    return record
  }

  private func send(_ order: RunStateMachine.ChangeOrder) async -> Result<ClusterChange, ClusterError> {
    let change = order.change
    if order.isSettled { return .success(ClusterChange(deployment: nil, version: order.versionNow)) }
    return await environment.gateway.request { (cluster) throws(ClusterError) in
      switch change.kind {
      case .create, .adopt: try await cluster.create(change.definition)
      case .update: try await cluster.update(order.clusterID, to: change.definition)
      case .destroy: try await cluster.destroy(order.clusterID)
      }
    }
  }

  /// Undoes a claim on something that was not changed after all.
  private func takeBack(_ owner: OwnershipRecord?, _ order: RunStateMachine.ChangeOrder) async {
    guard order.owner != nil, let owner, owner != order.ownerBefore else { return }
    do {
      if var former = order.ownerBefore {
        former.version = owner.version + 1
        try await environment.store.putOwnership(former, epoch: environment.epoch)
      } else {
        try await environment.store.removeOwnership(of: order.clusterID, epoch: environment.epoch)
      }
    } catch {
      // The claim stays: the next run of this stack finds it and goes on from there.
      Self.logger.warning(
        "a claim on an application could not be taken back",
        ["run": "\(run.id)", "application": "\(order.clusterID)", "error": "\(error)"])
    }
  }

  func disown(_ clusterID: String) async -> Result<Void, ClusterError> {
    do {
      try await environment.store.removeOwnership(of: clusterID, epoch: environment.epoch)
      return .success(())
    } catch {
      return .failure(ClusterError(error))
    }
  }
}
