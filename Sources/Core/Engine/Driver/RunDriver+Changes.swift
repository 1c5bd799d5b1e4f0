import Concurrency
import JSON
import Store
import Telemetry

/// Changes of the cluster, with what is noted around them of who owns the applications.
///
/// An application that is not ours yet is claimed before it is changed, and what was sent is noted before the machine
/// learns that it was. A server that ends in between leaves a claim without a definition, or the former definition:
/// neither is taken for "unchanged" later.
extension RunDriver {
  struct SentChange: Sendable {
    let order: RunStateMachine.ChangeOrder
    let result: Result<ClusterChange, ClusterError>
    /// To be noted where the change succeeded.
    let ownership: OwnershipRecord?
  }

  func make(_ orders: [RunStateMachine.ChangeOrder]) async {
    let claims = orders.map(claim)
    let refusals = await note(claims.compactMap { $0 })
    await environment.gateway.forEach(Array(zip(orders, claims))) { order, claim in
      if let claim, let refusal = refusals[claim.application] {
        post(
          .changed(
            application: order.application, token: order.token,
            .failure(Self.notNoted(order, refusal, .storeUnavailable))))
        return
      }
      let result = await send(order)
      if case .failure(let error) = result, !error.leavesDoubt, let claim { await takeBack(claim, order) }
      run.mailbox.post(.sent(.init(order: order, result: result, ownership: ownership(order, over: claim))))
    }
  }

  /// Notes the owners of what was changed, all in one commit, and only then gives the machine its events.
  func events(of deliveries: [Delivery]) async -> [RunStateMachine.Event] {
    let refusals = await note(
      deliveries.compactMap { delivery in
        if case .sent(let change) = delivery, case .success = change.result { change.ownership } else { nil }
      })
    return deliveries.compactMap { delivery in
      switch delivery {
      case .quiet: return nil
      case .event(let event): return event
      case .sent(let change):
        var result = change.result
        if case .success = result, let record = change.ownership, let refusal = refusals[record.application] {
          // Nothing of the cluster has changed where it was only to be adopted.
          result = .failure(
            Self.notNoted(change.order, refusal, change.order.isAdoption ? .storeUnavailable : .undecided))
        }
        return .changed(application: change.order.application, token: change.order.token, result)
      }
    }
  }

  private static func notNoted(
    _ order: RunStateMachine.ChangeOrder, _ cause: StoreError, _ code: ClusterError.Code
  ) -> ClusterError {
    ClusterError(code, "the ownership of \(order.clusterID) could not be noted: \(cause)")
  }

  /// The record to be there before the change, where the application is not ours already.
  private func claim(_ order: RunStateMachine.ChangeOrder) -> OwnershipRecord? {
    guard !order.isSettled, !order.isAdoption, !isOurs(order.ownerBefore) else { return nil }
    return record(order, definition: .null, over: order.ownerBefore)
  }

  /// The record to be there after it.
  private func ownership(_ order: RunStateMachine.ChangeOrder, over claim: OwnershipRecord?) -> OwnershipRecord? {
    record(order, definition: order.owner?.definition ?? .null, over: claim ?? order.ownerBefore)
  }

  private func record(
    _ order: RunStateMachine.ChangeOrder, definition: JSON, over former: OwnershipRecord?
  ) -> OwnershipRecord? {
    guard let owner = order.owner else { return nil }
    return OwnershipRecord(
      application: order.clusterID, stack: run.lane.stack, zone: run.lane.zone, revision: owner.revision, run: run.id,
      versionBefore: owner.versionBefore, definition: definition, dependencies: owner.dependencies,
      at: environment.time.now(), version: (former?.version ?? 0) + 1)
  }

  private func isOurs(_ owner: OwnershipRecord?) -> Bool {
    owner?.isOf(stack: run.lane.stack, zone: run.lane.zone) ?? false
  }

  /// In one commit, or, where one of them is refused, each by itself.
  /// - Returns: why some could not be noted, by application.
  private func note(_ records: [OwnershipRecord]) async -> [String: StoreError] {
    guard !records.isEmpty else { return [:] }
    do {
      try await environment.store.putOwnership(records, epoch: environment.epoch)
      return [:]
    } catch {
      guard records.count > 1, error.code == .exists || error.code == .changed else {
        return Dictionary(records.map { ($0.application, error) }) { $1 }
      }
    }
    var refusals: [String: StoreError] = [:]
    for record in records { refusals.merge(await note([record])) { $1 } }
    return refusals
  }

  private func send(_ order: RunStateMachine.ChangeOrder) async -> Result<ClusterChange, ClusterError> {
    let change = order.change
    if order.isSettled { return .success(ClusterChange(deployment: nil, version: order.versionNow)) }
    if order.isAdoption { return .success(ClusterChange(deployment: nil, version: change.versionBefore)) }
    return await environment.gateway.request { (cluster) throws(ClusterError) in
      switch change.kind {
      case .create, .adopt: try await cluster.create(change.definition)
      case .update: try await cluster.update(order.clusterID, to: change.definition)
      case .restart: try await cluster.restart(order.clusterID)
      case .destroy: try await cluster.destroy(order.clusterID)
      }
    }
  }

  /// Undoes a claim on something that was not changed after all.
  private func takeBack(_ claim: OwnershipRecord, _ order: RunStateMachine.ChangeOrder) async {
    do {
      if var former = order.ownerBefore {
        former.version = claim.version + 1
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
}

extension RunStateMachine.ChangeOrder {
  /// The application is as it is wanted: nothing but its owner is to change.
  fileprivate var isAdoption: Bool { change.kind == .adopt && !isSettled }
}
