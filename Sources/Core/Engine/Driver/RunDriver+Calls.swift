import Concurrency
import JSON
import ScriptHost
import Store

extension RunDriver {
  /// Performs what a script has called for. `nil` where the server stops before there is an answer.
  func perform(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let call = order.call
    switch call.function {
    case _ where call.isHTTP: return await send(order)
    case ScriptCall.shell: return await runShell(order)
    case _ where call.isDocuments: return await useDocuments(order)
    default:
      return await waitOrAsk(order).map { .answered($0) }
    }
  }

  private func send(_ order: RunStateMachine.CallOrder) async -> RunStateMachine.CallEnd? {
    let request: HTTPCall
    do {
      request = try HTTPCall(order.call.function, order.call.arguments)
    } catch {
      return .answered(.failure(error))
    }
    let operation = ScriptOperation(order.call.function, .endpoint(request.target.endpoint))
    var own = order.endpoints
    if order.grants.denial(of: operation, own: own) != nil {
      // A task may have moved since the run looked at it, or its application was left out of the run.
      own.formUnion(await endpointsNow())
    }
    if let denial = order.grants.denial(of: operation, own: own) { return .answered(.failure(denial.failure)) }
    let answer = await environment.services.send(request) { [grants = order.grants, own] address in
      grants.allows(address, of: operation, own: own)
    }
    return answer.map { .answered($0) }
  }

  /// Where the tasks of all applications listen that the stack owns in its zone.
  private func endpointsNow() async -> Set<HTTPEndpoint> {
    let owned = (try? await environment.store.ownership(stack: run.lane.stack, zone: run.lane.zone)) ?? []
    return await withTaskGroup(of: [HTTPEndpoint].self) { group in
      for application in owned.map(\.application) {
        group.addTask {
          let answer = await environment.gateway.request { (cluster) throws(ClusterError) in
            try await cluster.application(application)
          }
          return ((try? answer.get())?.tasks ?? []).flatMap(\.endpoints)
        }
      }
      return await group.reduce(into: []) { $0.formUnion($1) }
    }
  }
}
