package import HTTPTypes

/// A request as a handler sees it: its head is complete, its body may still be on the way.
package struct HTTPRequest: Sendable {
  package let method: HTTPMethod
  /// What stood in the request line, e.g. `/api/stack/add?name=a%20b`, nothing decoded.
  package let target: String
  /// The target's path, nothing decoded.
  package let path: String
  /// The parts between the path's slashes, each decoded, empty ones left out.
  package let pathSegments: [String]
  package let query: QueryItems
  package let fields: HTTPFields
  package let peer: PeerAddress
  package let body: HTTPRequestBody

  /// A request whose body is at hand, for handlers that are called without a socket.
  /// Returns nil if the target is not one.
  package init?(
    method: HTTPMethod, target: String, fields: HTTPFields = [:],
    peer: PeerAddress = PeerAddress(name: "127.0.0.1"), body: [UInt8] = []
  ) {
    guard let target = RequestTarget(target) else { return nil }
    self.init(
      method: method, target: target, fields: fields, peer: peer,
      body: HTTPRequestBody(source: .bytes(BufferedBody(body))))
  }

  init(method: HTTPMethod, target: RequestTarget, fields: HTTPFields, peer: PeerAddress, body: HTTPRequestBody) {
    self.method = method
    self.target = target.text
    self.path = target.path
    self.pathSegments = target.segments
    self.query = target.query
    self.fields = fields
    self.peer = peer
    self.body = body
  }

  /// The whole body.
  /// - Throws: `HTTPRequestBodyError.tooLarge` above `limit` bytes, `.closedEarly` if the peer went away in the middle,
  ///   `CancellationError`.
  package func collectBody(upTo limit: Int) async throws -> [UInt8] {
    var collected: [UInt8] = []
    for try await bytes in body {
      collected += bytes
      if collected.count > limit { throw HTTPRequestBodyError.tooLarge(limit: limit) }
    }
    return collected
  }
}
