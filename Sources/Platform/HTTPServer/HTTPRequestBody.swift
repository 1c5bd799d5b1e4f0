import Concurrency

/// Why a request's body cannot be read to its end.
package enum HTTPRequestBodyError: Error, Sendable, Hashable, CustomStringConvertible {
  case tooLarge(limit: Int)
  case closedEarly

  package var description: String {
    switch self {
    case .tooLarge(let limit): "the request's body is larger than the \(limit) bytes allowed"
    case .closedEarly: "the client closed the connection before it had sent the request's body"
    }
  }
}

/// The bytes of a request's body as they come in. What is not read is not taken from the socket, so a slow reader slows
/// the client down. It can be read once, by one task, until the handler returns.
package struct HTTPRequestBody: AsyncSequence, Sendable {
  package typealias Element = [UInt8]

  enum Source: Sendable {
    case bytes(BufferedBody)
    case exchange(Exchange)
  }

  let source: Source

  package struct AsyncIterator: AsyncIteratorProtocol {
    let source: Source

    package mutating func next() async throws -> [UInt8]? {
      switch source {
      case .bytes(let body): body.take()
      case .exchange(let exchange): try await exchange.readBody()
      }
    }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }
}

/// A body at hand, given out once like any other.
final class BufferedBody: Sendable {
  private let bytes: Locked<[UInt8]?>

  init(_ bytes: [UInt8]) {
    self.bytes = Locked(bytes.isEmpty ? nil : bytes)
  }

  func take() -> [UInt8]? {
    bytes.withLock { bytes in
      defer { bytes = nil }
      return bytes
    }
  }
}
