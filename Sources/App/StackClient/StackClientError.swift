import HTTPClient
package import StackAPI

/// Why a call to the server did not succeed.
package struct StackClientError: Error, Sendable, Hashable, CustomStringConvertible {
  package struct Code: Sendable, Hashable {
    private let text: String

    private init(_ text: String) { self.text = text }

    /// Nobody answers at the address, or the connection broke.
    package static let unreachable = Code("unreachable")
    /// The server refused; `error` says why where it answered in the JSON API's form.
    package static let refused = Code("refused")
    /// Something answers, but not as a stack-deploy server does.
    package static let unexpectedAnswer = Code("unexpected_answer")
    package static let invalidRequest = Code("invalid_request")
    package static let cancelled = Code("cancelled")
  }

  package let code: Code
  /// One sentence for people, without details and diagnostics.
  package let message: String
  /// The answer's status; `nil` where there was none.
  package let status: Int?
  package let error: APIError?
  /// The connection broke when the request may have reached the server: nobody knows whether it was done.
  package private(set) var isInDoubt = false

  package init(_ code: Code, _ message: String, status: Int? = nil, error: APIError? = nil) {
    self.code = code
    self.message = message
    self.status = status
    self.error = error
  }

  init(_ error: HTTPClientError, address: String) {
    if error.code == .cancelled {
      self.init(.cancelled, "the call was given up")
    } else if error.code == .tls {
      self.init(
        .unreachable,
        "\(error): the server is not one that is trusted, or it does not speak https at this address; "
          + "--ca FILE or SD_CA names the authorities to trust")
    } else if [.invalidURL, .invalidRequest].contains(error.code) {
      self.init(
        .invalidRequest, "the call cannot be sent: \(error) (--api or SD_API, SD_USER and SD_KEY say where and as whom)"
      )
    } else if error.isBeforeSending {
      self.init(
        .unreachable, "no server answers at \(address) (\(error)): start one, or name another with --api or SD_API")
    } else {
      // What a server with TLS does when it is spoken to without.
      let hint = error.code == .closedEarly && address.hasPrefix("http:") ? "; does it speak https?" : ""
      self.init(.unreachable, "the connection to \(address) broke: \(error)\(hint)")
      isInDoubt = error.code == .closedEarly
    }
  }

  package var description: String {
    var lines = [message]
    if let error { lines += error.details + error.diagnostics.map(\.description) }
    return lines.joined(separator: "\n")
  }
}
