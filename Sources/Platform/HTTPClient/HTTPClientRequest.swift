package import HTTPTypes

/// One request. Redirects are not followed, no proxy is used, cookies are not kept.
package struct HTTPClientRequest: Sendable {
  package var method: HTTPMethod
  /// Absolute, `http` or `https`, percent-encoded, without credentials. The path is sent as it is written.
  package var url: String
  /// `Content-Length`, `Transfer-Encoding` and `Expect` are the client's own business and refused here.
  package var fields: HTTPFields
  package var body: [UInt8]?
  /// A body that is produced while it is sent; in place of `body`.
  package var upload: HTTPClientUpload?
  /// Name resolution, TCP and TLS together.
  package var connectTimeout: Duration
  /// The whole exchange from here to the last byte of the answer, also while the reader of the body takes its time. `nil` for streams.
  package var timeout: Duration?
  /// Time without a byte in either direction while the peer is the one to wait for.
  package var idleTimeout: Duration?
  /// Never shown in errors.
  package var basicAuthorization: BasicAuthorization?
  /// Asked with the very address of each connection attempt, whatever the host's name stood for before; where it says no, the
  /// request ends as ``HTTPClientError/Code/addressRefused``. Such a request has its connection to itself: none that was
  /// kept is asked again, and none is kept. Runs on the client's thread, so it must not wait.
  package var addressCheck: (@Sendable (PeerAddress) -> Bool)?

  package init(
    _ method: HTTPMethod = .get, url: String, fields: HTTPFields = HTTPFields(), body: [UInt8]? = nil,
    connectTimeout: Duration = .seconds(10), timeout: Duration? = .seconds(60), idleTimeout: Duration? = nil,
    basicAuthorization: BasicAuthorization? = nil, addressCheck: (@Sendable (PeerAddress) -> Bool)? = nil
  ) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
    self.connectTimeout = connectTimeout
    self.timeout = timeout
    self.idleTimeout = idleTimeout
    self.basicAuthorization = basicAuthorization
    self.addressCheck = addressCheck
  }

  /// Method and URL for error texts: without the query and without credentials, both of which may be secrets.
  var name: String {
    let shown = url.prefix { $0 != "?" && $0 != "#" }
    guard let authority = shown.firstRange(of: "://")?.upperBound else { return "\(method) \(shown)" }
    let host = shown[authority...].prefix { $0 != "/" }
    guard let at = host.lastIndex(of: "@") else { return "\(method) \(shown)" }
    return "\(method) \(shown[..<authority])\(shown[shown.index(after: at)...])"
  }
}
