/// Why an exchange did not happen or did not end well. It names method, URL (without query, never with credentials) and cause.
///
/// A status such as 404 or 500 is an answer, not an error.
package struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure. Extensible: compare with the constants, have a default.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
      case invalidURL, invalidRequest, addressRefused, nameResolution, connectionRefused, unreachable, tls
      case connectTimeout, timeout
      case closedEarly, invalidResponse, tooLarge, uploadFailed, cancelled, shutDown, other
    }
    private let kind: Kind

    private init(_ kind: Kind) { self.kind = kind }

    /// The URL is not an absolute `http` or `https` URL, or holds characters that no URL has.
    package static let invalidURL = Code(.invalidURL)
    /// A method, header or use of the API that cannot be sent.
    package static let invalidRequest = Code(.invalidRequest)
    /// The client's address policy forbids the address that the host name stands for.
    package static let addressRefused = Code(.addressRefused)
    package static let nameResolution = Code(.nameResolution)
    /// Nothing listens at the address.
    package static let connectionRefused = Code(.connectionRefused)
    /// No way to the address, or the connection attempt ended in another error than a refusal.
    package static let unreachable = Code(.unreachable)
    package static let tls = Code(.tls)
    /// There was no connection within the time allowed for it.
    package static let connectTimeout = Code(.connectTimeout)
    /// The whole exchange, or the time without a byte, took longer than allowed.
    package static let timeout = Code(.timeout)
    /// The peer closed or reset the connection before its answer was complete.
    package static let closedEarly = Code(.closedEarly)
    /// What came is not HTTP/1.
    package static let invalidResponse = Code(.invalidResponse)
    /// The answer is larger than the caller, or the limit on headers, allows.
    package static let tooLarge = Code(.tooLarge)
    /// The sequence that gives the request's body threw.
    package static let uploadFailed = Code(.uploadFailed)
    /// The calling task was cancelled, or the body was let go of before its end.
    package static let cancelled = Code(.cancelled)
    /// The client was shut down.
    package static let shutDown = Code(.shutDown)
    package static let other = Code(.other)

    package var description: String { kind.rawValue }
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  /// True when no byte of the request can have reached the peer: it may be sent again, or elsewhere, without the
  /// danger that it is performed twice.
  package var isBeforeSending: Bool {
    let codes: [Code] = [
      .invalidURL, .invalidRequest, .addressRefused, .nameResolution, .connectionRefused, .unreachable, .tls,
      .connectTimeout,
    ]
    return codes.contains(code)
  }
}
