import Concurrency

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
    let (taking, writer) = state.withLock { state -> (DownloadBuffer.Taking, BodyWriter?) in
      let taking = state.download.take(into: target)
      if taking == .nothingYet { state.suspend() }
      guard state.download.hasRoomAgain else { return (taking, nil) }
      if !state.download.isComplete { peer.setDeadline(after: nil) }
      defer { state.writer = nil }
      return (taking, state.writer)
    }
    writer?.resume()
    return taking
  }
}
