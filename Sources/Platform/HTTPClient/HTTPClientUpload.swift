/// A request body that is produced while it is sent (`Transfer-Encoding: chunked`). The sequence is asked for its
/// next piece when less than ``Transfer/sendLimit`` bytes wait for the network.
package struct HTTPClientUpload: Sendable {
  /// Hands over piece after piece until one is no longer wanted.
  let forEach: @Sendable (_ send: ([UInt8]) async -> Bool) async throws -> Void

  package init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) where Chunks.Element == [UInt8] {
    forEach = { send in
      for try await chunk in chunks where await !send(chunk) { return }
    }
  }
}
