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
    let operation = request.operation
    var own = order.endpoints
    var looks = 0
    while let denial = order.grants.denial(of: operation, own: own) {
      // A task may have moved since the run looked at it, or its application was left out of the run.
      let found = await endpointsNow()
      own.formUnion(found.endpoints)
      guard order.grants.denial(of: operation, own: own) != nil else { break }
      // That nobody can tell at the moment is no denial, which would stay one.
      guard let error = found.error else { return .answered(.failure(denial.failure)) }
      guard error.isTransient, looks < Self.mostLooks else {
        let text = "it cannot be told whether the request goes to an application of the stack: \(error.message)"
        return .answered(.failure(HostCallFailure(.unavailable, text, retryable: error.isTransient)))
      }
      let pause = environment.options.timing.retryPause(looks)
      guard (try? await environment.time.sleep(for: pause)) != nil else { return nil }
      looks += 1
    }
    let answer = await environment.services.send(request) { [grants = order.grants, own] address in
      grants.allows(address, of: operation, own: own)
    }
    return answer.map { .answered($0) }
  }

  /// With the pauses between them, for about half a minute.
  private static let mostLooks = 7

  /// Where the tasks of all applications listen that the stack owns in its zone, and why some of them may be missing.
  private func endpointsNow() async -> (endpoints: Set<HTTPEndpoint>, error: ClusterError?) {
    let owned: [OwnershipRecord]
    do {
      owned = try await environment.store.ownership(stack: run.lane.stack, zone: run.lane.zone)
    } catch {
      return ([], ClusterError(error))
    }
    return await withTaskGroup(of: Result<LiveApplication?, ClusterError>.self) { group in
      for application in owned.map(\.application) {
        group.addTask {
          await environment.gateway.request { (cluster) throws(ClusterError) in
            try await cluster.application(application)
          }
        }
      }
      var found: (endpoints: Set<HTTPEndpoint>, error: ClusterError?) = ([], nil)
      for await answer in group {
        switch answer {
        case .success(let live): found.endpoints.formUnion((live?.tasks ?? []).flatMap(\.endpoints))
        case .failure(let error): found.error = error
        }
      }
      return found
    }
  }
}
