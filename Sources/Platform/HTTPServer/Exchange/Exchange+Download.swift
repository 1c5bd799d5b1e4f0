import CPosix
import Concurrency
import Glibc

extension Exchange {
  // MARK: The writer's side, in the handler's task

  func write(_ bytes: [UInt8]) async throws {
    try Task.checkCancellation()
    let isFull = try state.withLock { state throws -> Bool in
      if state.isCompleted || state.download.hasFailed { throw CancellationError() }
      state.download.append(bytes)
      state.resume()
      if state.download.isFull { peer.setDeadlineIfNone(after: writeTimeout) }
      return state.download.isFull
    }
    if isFull { try await waitForRoom() }
  }

  func writeIfIdle(_ bytes: [UInt8]) {
    state.withLock { state in
      guard !state.isCompleted, !state.download.hasFailed, state.download.count == 0, !state.download.isComplete else {
        return
      }
      state.download.append(bytes)
      state.resume()
    }
  }

  private func waitForRoom() async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: BodyWriter) in
        let outcome = state.withLock { state -> Result<Void, any Error>? in
          precondition(state.writer == nil, "the body of a response has one writer")
          // The flag is set before the cancellation handler runs, so one of the two sees the other.
          if state.isCompleted || state.download.hasFailed || Task.isCancelled { return .failure(CancellationError()) }
          if !state.download.isFull { return .success(()) }
          state.writer = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let writer = state.withLock { state in
        defer { state.writer = nil }
        return state.writer
      }
      writer?.resume(throwing: CancellationError())
    }
  }

  func endDownload(failed: Bool) {
    state.withLock { state in
      if failed { state.download.fail() } else { state.download.complete() }
      if !state.isCompleted { peer.setDeadlineIfNone(after: writeTimeout) }
      state.resume()
    }
  }

  // MARK: The connection's side, on the library's thread

  /// Fills the connection's buffer. If nothing is there yet, the connection is suspended until something is.
  func take(into target: UnsafeMutableRawBufferPointer) -> DownloadBuffer.Taking {
    let (taking, writer, isUsed) = state.withLock { state -> (DownloadBuffer.Taking, BodyWriter?, Bool) in
      let taking = state.download.take(into: target)
      let isUsed = state.bufferUse.note(taking, of: target)
      if taking == .nothingYet { state.suspend() }
      guard state.download.hasRoomAgain else { return (taking, nil, isUsed) }
      if !state.download.isComplete { peer.setDeadline(after: nil) }
      defer { state.writer = nil }
      return (taking, state.writer, isUsed)
    }
    writer?.resume()
    // Until the library calls again, nothing in it is of use; and only the library's thread, which is here, touches it.
    if isUsed { cposix_discard(target.baseAddress, target.count) }
    return taking
  }
}

/// Whether the buffer that the library has for a stream holds pages in vain: it is as large as the largest head, and was
/// overwritten when the request's head was read. A follower that waits for hours has use for none of it.
struct BufferUse {
  private var isUsed = true

  /// - Returns: whether the buffer's pages are to be given back: nothing is there to be sent, and they were used.
  mutating func note(_ taking: DownloadBuffer.Taking, of buffer: UnsafeMutableRawBufferPointer) -> Bool {
    switch taking {
    case .bytes(let count):
      // The page in which it begins is in use anyway.
      let offset = Int(bitPattern: buffer.baseAddress) % Self.pageSize
      if offset + count + Self.chunkEnd > Self.pageSize { isUsed = true }
      return false
    case .nothingYet:
      defer { isUsed = false }
      return isUsed
    case .end, .failed: return false
    }
  }

  private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
  /// The library ends each piece with CR LF.
  private static let chunkEnd = 2
}
