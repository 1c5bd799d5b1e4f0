package import Concurrency
import Engine
package import ScriptHost
package import StackModel

/// What scripts send requests to, and what every name stands for.
package final class FakeWeb: Sendable {
  package struct State: Sendable {
    /// `POST http://agent-1:31000/x`, in the order in which they came.
    package var requests: [String] = []
    /// The address of all names.
    package var address = "10.0.0.1"
    package var status = 200
    package var body = "ok"
    /// Where set, a request comes and is never answered.
    package var isSilent = false
    /// Where set, requests are answered when it is fired.
    package var answersWhen: AsyncSignal?
  }

  package let state = Locked(State())
  /// Fired by the first request.
  package let isAsked = AsyncSignal()

  package init() {}

  package var requests: [String] { state.withLock { $0.requests } }
}

/// A server's connection to it.
package struct ServiceConnection: ScriptServices {
  private let web: FakeWeb

  package init(_ web: FakeWeb) {
    self.web = web
  }

  package func send(
    _ call: HTTPCall, isAllowed: @escaping @Sendable (NetworkAddress) -> Bool
  ) async -> HostAnswer? {
    let state = web.state.withLock { $0 }
    let address: NetworkAddress? =
      if case .address(let address) = call.target.host { address } else { NetworkAddress(v4: state.address) }
    guard let address, isAllowed(address) else {
      return .failure(HostCallFailure(.denied, "the address is not granted"))
    }
    web.state.withLock { $0.requests.append("\(call.method) \(call.target.url)") }
    web.isAsked.fire()
    if state.isSilent {
      try? await AsyncSignal().wait()
      return nil
    }
    if let signal = state.answersWhen, (try? await signal.wait()) == nil { return nil }
    return HTTPCall.answer(status: state.status, headers: [], body: Array(state.body.utf8))
  }
}
