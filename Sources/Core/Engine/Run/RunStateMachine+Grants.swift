import ScriptHost
import StackModel

/// What scripts and hooks may do.
extension RunStateMachine {
  /// Requests are not decided here but when they are made: whether they are the run's own depends on where its tasks are.
  func denial(of call: ScriptCall) -> GrantDenial? {
    guard !call.isHTTP, let operation = HostFunctions.named(call.function)?.operation(call.arguments) else {
      return nil
    }
    return grants.denial(of: operation)
  }

  /// Where tasks listen that were seen of applications which this run has deployed, or found as they are wanted.
  var ownEndpoints: Set<HTTPEndpoint> {
    var endpoints: Set<HTTPEndpoint> = []
    for walk in walks where walk.isOwn {
      for task in walk.live?.tasks ?? [] { endpoints.formUnion(task.endpoints) }
    }
    return endpoints
  }
}

extension ApplicationWalk {
  /// Whether its launch is done: before it, an application of that id may be somebody else's.
  fileprivate var isOwn: Bool {
    switch change {
    case .created, .updated, .unchanged, .adopted, .restarted: true
    case .destroyed, .absent, nil: false
    }
  }
}

extension LiveTask {
  var endpoints: [HTTPEndpoint] { ports.compactMap { HTTPEndpoint(host: host, port: $0) } }
}
