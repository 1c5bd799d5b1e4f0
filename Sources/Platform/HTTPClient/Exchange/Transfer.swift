import Concurrency

/// One exchange: the meeting point of the event thread, which owns the libcurl handle, and the tasks that wait.
///
/// Tasks never touch libcurl. They change ``TransferState`` under its lock and post a command to the event thread.
/// Continuations are taken under the lock and resumed outside of it.
final class Transfer: Sendable {
  /// Bytes of an answer that are kept while nobody reads; then the connection is paused. One more delivery of
  /// libcurl (32 KiB) may come on top.
  static let receiveLimit = 256 * 1024
  /// Bytes of an upload that are kept for the network; then the producer waits.
  static let sendLimit = 256 * 1024

  let request: HTTPClientRequest
  private let thread: EventThread
  private let state: Locked<TransferState>

  /// - Parameter isWhole: the head is waited for together with the body, as far as ``receiveLimit`` allows.
  init(_ request: HTTPClientRequest, isWhole: Bool, on thread: EventThread) {
    self.request = request
    self.thread = thread
    state = Locked(TransferState(isWhole: isWhole))
  }

  var name: String { request.name }

  var hasEnded: Bool { state.withLock { $0.end != nil } }
  var bufferedCount: Int { state.withLock { $0.bufferedCount } }

  func finish(_ end: TransferState.End) {
    guard let waiters = state.withLock({ $0.handle(end: end) }) else { return }
    waiters.upload?.resume(returning: false)
    switch end {
    case .complete:
      waiters.head?.resume(
        returning: waiters.answer.map { .success($0) }
          ?? .failure(HTTPClientError(.closedEarly, "\(name): the connection was closed without an answer")))
      waiters.chunk?.resume(returning: .success(nil))
    case .failed(let error):
      waiters.head?.resume(returning: .failure(error))
      waiters.chunk?.resume(returning: .failure(error))
    }
  }
}

// MARK: Called by tasks
extension Transfer {
  func cancel() {
    guard !hasEnded else { return }
    fail(HTTPClientError(.cancelled, "\(name): cancelled"))
  }

  private func fail(_ error: HTTPClientError) {
    finish(.failed(error))
    thread.post(.remove(self))
  }

  /// Starts the exchange and waits for the head of the answer.
  func start() async -> TransferState.HeadResult {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if let known = state.withLock({ $0.takeHead(orWaitWith: waiter) }) {
          waiter.resume(returning: known)
        } else {
          thread.post(.add(self))
        }
      }
    } onCancel: {
      cancel()
    }
  }

  func nextChunk() async throws(HTTPClientError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: TransferState.ChunkWaiter) in
        switch state.withLock({ $0.takeChunk(orWaitWith: waiter) }) {
        case .result(let result, let resumeReceiving):
          if resumeReceiving { thread.post(.resume(self)) }
          waiter.resume(returning: result)
        case .alreadyRead:
          let error = HTTPClientError(.invalidRequest, "\(name): two tasks read one body at the same time")
          waiter.resume(returning: .failure(error))
        case .wait: break
        }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  /// Feeds the request's body until its end, or until no more of it is wanted.
  func send(_ upload: HTTPClientUpload) async {
    do {
      try await upload.forEach { chunk in await self.send(chunk) }
      if state.withLock({ $0.handleUploadEnd() }) { thread.post(.resume(self)) }
    } catch {
      guard state.withLock({ $0.wantsUpload }) else { return }
      fail(HTTPClientError(.uploadFailed, "\(name): the request's body could not be produced: \(error)"))
    }
  }

  /// Returns when there is room for more. Whoever cancels the producer ends the transfer too (``HTTPClient/send(_:)``),
  /// so the wait needs no cancellation handler of its own.
  private func send(_ chunk: [UInt8]) async -> Bool {
    await withCheckedContinuation { waiter in
      switch state.withLock({ $0.handle(upload: chunk, orWaitWith: waiter) }) {
      case .go(let resumeSending):
        if resumeSending { thread.post(.resume(self)) }
        waiter.resume(returning: true)
      case .wait(let resumeSending):
        if resumeSending { thread.post(.resume(self)) }
      case .notWanted:
        waiter.resume(returning: false)
      }
    }
  }
}

// MARK: Called by the event thread
extension Transfer {
  func receive(head: ResponseHeadParser.Head) {
    let reaction = state.withLock { $0.handle(head: head) }
    if reaction.resumeSending { thread.post(.resume(self)) }
    reaction.uploadWaiter?.resume(returning: false)
    reaction.waiter?.resume(returning: .success(head))
  }

  enum Receipt {
    case taken
    case pause
    case abort
  }

  func receive(bytes: UnsafeRawBufferPointer) -> Receipt {
    switch state.withLock({ $0.handle(bytes: bytes) }) {
    case .buffered: return .taken
    case .deliver(let waiter):
      waiter.resume(returning: .success(Array(bytes)))
      return .taken
    case .pause(let waiter, let head):
      waiter?.resume(returning: .success(head))
      return .pause
    case .abort: return .abort
    }
  }

  /// Fills libcurl's upload buffer. `.bytes(0)` is the end of the body.
  func provide(into buffer: UnsafeMutableRawBufferPointer) -> Provision {
    switch state.withLock({ $0.provide(into: buffer) }) {
    case .bytes(let count, let waiter):
      waiter?.resume(returning: true)
      return .bytes(count)
    case .endOfBody: return .bytes(0)
    case .pause: return .pause
    case .abort: return .abort
    }
  }

  enum Provision {
    case bytes(Int)
    case pause
    case abort
  }
}
