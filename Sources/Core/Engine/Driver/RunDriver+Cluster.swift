import Concurrency
import JSON
import Store
import Telemetry

extension RunDriver {
  /// Looks at applications. Who owns them is asked first: whoever changes that later is met when the owner is noted.
  func look(_ orders: [RunStateMachine.ObservationOrder]) async {
    let owners = await owners(of: orders.filter(\.wantsOwner).map(\.clusterID))
    await environment.gateway.forEach(orders) { order in
      post(.observed(application: order.application, token: order.token, await observe(order, owners)))
    }
  }

  private func owners(of applications: [String]) async -> Result<[String: OwnershipRecord], ClusterError> {
    guard !applications.isEmpty else { return .success([:]) }
    do {
      let records = try await environment.store.owners(of: applications)
      return .success(Dictionary(records.map { ($0.application, $0) }) { $1 })
    } catch {
      return .failure(ClusterError(error))
    }
  }

  private func observe(
    _ order: RunStateMachine.ObservationOrder, _ owners: Result<[String: OwnershipRecord], ClusterError>
  ) async -> Result<RunStateMachine.Observation, ClusterError> {
    var seen = RunStateMachine.Observation()
    do {
      if order.wantsOwner { seen.owner = try owners.get()[order.clusterID] }
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
    return .success(seen)
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
