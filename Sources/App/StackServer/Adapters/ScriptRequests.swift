import Engine
import HTTPClient
import HTTPTypes
import JSON
package import ScriptHost
package import StackModel

/// The HTTP requests of scripts, over a client of their own: nothing of the server's connections serves them.
package struct ScriptRequests: ScriptServices {
  private let client: HTTPClient

  package init() {
    client = HTTPClient(HTTPClient.Configuration(keptConnections: 1))
  }

  package func send(
    _ call: HTTPCall, isAllowed: @escaping @Sendable (NetworkAddress) -> Bool
  ) async -> HostAnswer? {
    var request = HTTPClientRequest(
      HTTPMethod(rawValue: call.method), url: call.target.url,
      fields: HTTPFields(call.headers.map { ($0.name, $0.value) }), body: call.body,
      connectTimeout: min(call.timeout, .seconds(10)), timeout: call.timeout)
    request.addressCheck = { peer in NetworkAddress(peer).map(isAllowed) ?? false }
    do throws(HTTPClientError) {
      let response = try await client.send(request)
      let body = try await response.collect(upTo: call.answerLimit)
      let headers = response.fields.map { HTTPCall.Header(name: $0.name, value: $0.value) }
      return HTTPCall.answer(status: response.status, headers: headers, body: body)
    } catch {
      return Self.failure(error, call).map { .failure($0) }
    }
  }

  /// Nil where the request was given up.
  private static func failure(_ error: HTTPClientError, _ call: HTTPCall) -> HostCallFailure? {
    switch error.code {
    case .cancelled, .shutDown: nil
    case .addressRefused:
      HostCallFailure(
        .denied, "\(call.shown): the host's name stands for an address that is not granted",
        details: GrantDenial(call.operation, by: .address).failure.details)
    case .timeout, .connectTimeout:
      HostCallFailure(.timeout, error.message, retryable: true, details: details(error))
    case .nameResolution, .connectionRefused, .unreachable, .closedEarly:
      HostCallFailure(.unavailable, error.message, retryable: true, details: details(error))
    case .invalidURL, .invalidRequest: HostCallFailure(.invalidArgument, error.message)
    case .tooLarge:
      HostCallFailure(
        .unavailable, "\(error.message); `limit` allows at most 2MiB", details: details(error))
    default: HostCallFailure(.unavailable, error.message, details: details(error))
    }
  }

  /// Whether the other side can have seen anything of the request.
  private static func details(_ error: HTTPClientError) -> JSON { ["sent": .bool(!error.isBeforeSending)] }
}

extension NetworkAddress {
  init?(_ peer: PeerAddress) {
    switch peer {
    case .v4(let bytes), .v6(let bytes): self.init(bytes: bytes)
    }
  }
}
