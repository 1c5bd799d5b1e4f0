package import HTTPTypes

/// The head of an answer, and its body as a stream.
package struct HTTPClientResponse: Sendable {
  /// The final status; interim answers (1xx) are not shown.
  package let status: Int
  package let fields: HTTPFields
  package let body: HTTPClientBody

  /// The whole body. Throws ``HTTPClientError/Code/tooLarge`` when there are more bytes than `limit`; the
  /// connection is closed then.
  package func collect(upTo limit: Int) async throws(HTTPClientError) -> [UInt8] {
    if let announced = fields["Content-Length"].flatMap({ Int($0) }), announced > limit {
      body.cancel()
      throw body.tooLarge(limit)
    }
    var bytes: [UInt8] = []
    var chunks = body.makeAsyncIterator()
    while let chunk = try await chunks.next() {
      if bytes.count + chunk.count > limit {
        body.cancel()
        throw body.tooLarge(limit)
      }
      if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
    }
    return bytes
  }
}
