import Concurrency

extension Exchange {
  // MARK: The reader's side, in the handler's task

  /// The next piece of the body, nil at its end.
  func readBody() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: BodyReader) in
        let reading = state.withLock { state -> Result<[UInt8]?, any Error>? in
          precondition(state.reader == nil, "the body of a request has one reader")
          switch state.upload.read() {
          case .bytes(let bytes):
            if !state.upload.isComplete { continueReading(&state) }
            return .success(bytes)
          case .end: return .success(nil)
          case .failed(let error): return .failure(error)
          case .nothingYet:
            // The flag is set before the cancellation handler runs, so one of the two sees the other.
            if Task.isCancelled { return .failure(CancellationError()) }
            state.reader = continuation
            return nil
          }
        }
        if let reading { continuation.resume(with: reading) }
      }
    } onCancel: {
      let reader = state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(throwing: CancellationError())
    }
  }

  /// There is room again.
  private func continueReading(_ state: inout State) {
    peer.continueDeadline()
    state.resume()
  }

  // MARK: The connection's side, on the library's thread

  /// Takes a piece of the body from the connection; returns how much. If not all, the connection is suspended until
  /// the reader has caught up. Nil: the connection is to be broken off.
  func receive(_ data: UnsafeRawBufferPointer) -> Int? {
    let (count, reader, reading) = state.withLock { state -> (Int?, BodyReader?, UploadBuffer.Reading) in
      if state.isAborted { return (nil, nil, .nothingYet) }
      let count = state.upload.receive(data)
      if count < data.count {
        // Then no reader waits: it would have found the buffer empty, which has room for any piece.
        peer.pauseDeadline()
        state.suspend()
      }
      guard let reader = state.reader else { return (count, nil, .nothingYet) }
      state.reader = nil
      return (count, reader, state.upload.read())
    }
    switch reading {
    case .bytes(let bytes): reader?.resume(returning: bytes)
    case .failed(let error): reader?.resume(throwing: error)
    case .nothingYet, .end: reader?.resume(returning: nil)
    }
    return count
  }

  enum Next {
    case queue(HTTPResponse)
    case refuseTooLarge(HTTPRequestBodyError)
    case wait
    case breakOff
  }

  /// The body has ended: what the connection has to do. If that is to wait, it is suspended at the second time.
  ///
  /// A connection that was suspended in the very call that read the request still counts as one that reads: when it is
  /// resumed the library reads first, and closes a connection whose peer has closed its half, without the answer. After
  /// another turn of the library it no longer does. A handler that is quick has answered by then.
  func next() -> Next {
    peer.setDeadline(after: nil)
    let (next, reader) = state.withLock { state -> (Next, BodyReader?) in
      if state.isAborted { return (.breakOff, nil) }
      state.upload.complete()
      if let failure = state.upload.failure { return (.refuseTooLarge(failure), nil) }
      let reader = state.reader
      state.reader = nil
      if let response = state.response {
        state.response = nil
        return (.queue(response), reader)
      }
      if state.hasWaited { state.suspend() }
      state.hasWaited = true
      return (.wait, reader)
    }
    reader?.resume(returning: nil)
    // It came with the body's end, or before.
    if peer.isHungUp { peerHungUp() }
    return next
  }
}
