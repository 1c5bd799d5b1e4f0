package import Engine
package import ScriptHost
package import StackModel

/// What scripts send requests to as one server sees it: each request is two points.
package struct FaultyServices: ScriptServices {
  private let base: any ScriptServices
  private let gate: any FaultGate

  package init(_ base: any ScriptServices, gate: any FaultGate) {
    self.base = base
    self.gate = gate
  }

  package func send(
    _ call: HTTPCall, isAllowed: @escaping @Sendable (NetworkAddress) -> Bool
  ) async -> HostAnswer? {
    let name = "request \(call.method) \(call.target.url)"
    switch await gate.pass(FaultPoint(.effect, .before, name)) {
    case nil: break
    case .twice?: _ = await base.send(call, isAllowed: isAllowed)
    case .gone?: return Self.gone
    case .undecided?: return Self.late(name)
    case .failed?, .unavailable?, .locked?, .invalid?, .unintelligible?:
      return .failure(HostCallFailure(.unavailable, "injected: \(name) is refused", retryable: true))
    }
    let answer = await base.send(call, isAllowed: isAllowed)
    switch await gate.pass(FaultPoint(.effect, .after, name)) {
    case nil, .twice?: return answer
    case .gone?: return Self.gone
    // It has come through, whatever the script is told.
    case .undecided?: return Self.late(name)
    case .failed?, .unavailable?, .locked?, .invalid?, .unintelligible?:
      return .failure(HostCallFailure(.unavailable, "injected: the answer to \(name) breaks off", retryable: true))
    }
  }

  /// Nobody is there to hear it: a server that is gone writes nothing down. Without it, its run would be waited for.
  private static let gone = HostAnswer.failure(HostCallFailure(.cancelled, "the server is gone"))

  private static func late(_ name: String) -> HostAnswer {
    .failure(HostCallFailure(.timeout, "injected: no answer to \(name)", retryable: true))
  }
}
