package import HTTPTypes

/// What a handler answers.
package struct HTTPResponse: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Written by the closure, in chunks of its making. It runs after the head was given to the connection, in a task
    /// that follows the handler's and is cancelled like it; if it throws, the connection is broken off, so that the client sees that something is missing.
    /// It is not called for HEAD.
    case stream(@Sendable (HTTPResponseWriter) async throws -> Void)
  }

  package var status: Int
  /// `Content-Length`, `Transfer-Encoding`, `Date` and `Connection` are the server's.
  package var fields: HTTPFields
  package var body: Body

  package init(status: Int = 200, fields: HTTPFields = [:], body: Body = .bytes([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
  }

  package static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: .bytes(bytes))
  }
}

/// Where a streamed body is written to.
package struct HTTPResponseWriter: Sendable {
  let exchange: Exchange

  /// Hands bytes to the connection. Waits while the peer is slower than the writer: at most 64 KiB are kept for it.
  /// - Throws: `CancellationError` when the peer is gone, the server stops, or the task is cancelled.
  package func write(_ bytes: [UInt8]) async throws {
    try await exchange.write(bytes)
  }

  /// Hands bytes to the connection if it has taken all that was written before; else does nothing, as it does when the
  /// peer is gone. Never waits, and may be called beside `write`.
  package func writeIfIdle(_ bytes: [UInt8]) {
    exchange.writeIfIdle(bytes)
  }

  package func write(_ text: String) async throws {
    try await write(Array(text.utf8))
  }
}
