/// The body of an answer, in the pieces in which it arrives: a piece is not a line, an event or a chunk of the
/// sender's. One task reads it, once.
///
/// While nobody reads, at most ``Transfer/receiveLimit`` bytes are buffered, then the connection is no longer read,
/// and TCP makes the sender wait. When the last copy of the body and of its iterators is gone before the end, the
/// connection is closed.
package struct HTTPClientBody: AsyncSequence, Sendable {
  package typealias Element = [UInt8]
  package typealias Failure = HTTPClientError

  /// Ends the transfer with the last reference, and keeps the client's thread until then.
  fileprivate final class Owner: Sendable {
    let transfer: Transfer
    let client: HTTPClient

    init(_ transfer: Transfer, _ client: HTTPClient) {
      self.transfer = transfer
      self.client = client
    }

    deinit { transfer.cancel() }
  }

  private let owner: Owner

  init(_ transfer: Transfer, of client: HTTPClient) {
    owner = Owner(transfer, client)
  }

  package struct AsyncIterator: AsyncIteratorProtocol {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPClientError

    fileprivate let owner: Owner

    package mutating func next() async throws(HTTPClientError) -> [UInt8]? {
      try await owner.transfer.nextChunk()
    }

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(HTTPClientError) -> [UInt8]? {
      try await owner.transfer.nextChunk()
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: owner) }

  /// Closes the connection unless the body has come to its end.
  package func cancel() { owner.transfer.cancel() }

  /// Bytes that have arrived and were not yet read.
  package var bufferedCount: Int { owner.transfer.bufferedCount }

  func tooLarge(_ limit: Int) -> HTTPClientError {
    HTTPClientError(.tooLarge, "\(owner.transfer.name): the answer is larger than \(limit) bytes")
  }
}
