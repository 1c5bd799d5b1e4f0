import CMicroHTTPD
import HTTPTypes

extension Daemon {
  /// Answers without a handler and closes the connection, whose next bytes cannot be trusted.
  func refuse(_ connection: OpaquePointer, status: Int, reason: String) -> MHD_Result {
    var response = HTTPResponse.text(reason + "\n", status: status)
    response.fields["Connection"] = "close"
    return queue(response, of: nil, on: connection)
  }

  /// Gives a response to the library.
  /// - Parameter exchange: needed for streamed bodies, which it holds.
  func queue(_ response: HTTPResponse, of exchange: Exchange?, on connection: OpaquePointer) -> MHD_Result {
    guard let handle = makeHandle(response, exchange) else { return MHD_Result.NO }
    defer { MHD_destroy_response(handle) }
    for (name, value) in response.fields where !isOurs(name) || exchange == nil {
      guard HTTPFields.isValidName(name), HTTPFields.isValidValue(value),
        MHD_add_response_header(handle, name, value) == MHD_Result.YES
      else {
        // Leaving it out could be worse than not answering: it may be the one that protects the answer.
        configuration.log("a response has a header field that cannot be sent: \(name)")
        return exchange == nil
          ? MHD_Result.NO : refuse(connection, status: 500, reason: "the response has a broken header field")
      }
    }
    if let peer = exchange?.peer, case .bytes(let bytes) = response.body {
      peer.setDeadline(after: configuration.writeTimeout + .seconds(bytes.count / Self.slowestReader))
    }
    if isDraining, exchange != nil { MHD_add_response_header(handle, "Connection", "close") }
    return MHD_queue_response(connection, UInt32(clamping: response.status), handle)
  }

  private func makeHandle(_ response: HTTPResponse, _ exchange: Exchange?) -> OpaquePointer? {
    switch (response.body, exchange) {
    case (.bytes(let bytes), _):
      return bytes.withUnsafeBytes { buffer in
        MHD_create_response_from_buffer(
          buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), mhd_copied)
      }
    case (.stream, let exchange?):
      let owner = Unmanaged.passRetained(exchange)
      guard
        let handle = MHD_create_response_from_callback(
          mhd_size_unknown, Self.pieceSize, takeCallback, owner.toOpaque(), releaseCallback)
      else {
        owner.release()
        return nil
      }
      if exchange.isHead { mhd_forbid_chunks(handle) }
      return handle
    case (.stream, nil):
      return nil
    }
  }

  /// Bytes in a second that a peer has to take of a response at least.
  private static let slowestReader = 64 << 10

  /// Bytes of a streamed response that the library takes at once where the peer does not know chunks (HTTP/1.0); it keeps
  /// so much memory for every stream. Chunks go through the connection's memory.
  private static let pieceSize = 512

  private static let ours: Set<String> = ["content-length", "transfer-encoding", "date", "connection"]

  private func isOurs(_ name: String) -> Bool {
    Self.ours.contains(name) || Self.ours.contains(name.lowercased())
  }
}

/// Fills the library's buffer; returning 0 is allowed only because the connection is suspended then.
private let takeCallback: MHD_ContentReaderCallback = { owner, _, buffer, capacity in
  guard let owner else { return -2 }
  let exchange = Unmanaged<Exchange>.fromOpaque(owner).takeUnretainedValue()
  return switch exchange.take(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity)) {
  case .bytes(let count): count
  case .nothingYet: 0
  case .end: -1  // MHD_CONTENT_READER_END_OF_STREAM
  case .failed: -2  // MHD_CONTENT_READER_END_WITH_ERROR
  }
}

private let releaseCallback: MHD_ContentReaderFreeCallback = { owner in
  guard let owner else { return }
  Unmanaged<Exchange>.fromOpaque(owner).release()
}
