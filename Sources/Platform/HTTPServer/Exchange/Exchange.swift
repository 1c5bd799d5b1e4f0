import CMicroHTTPD
import Concurrency

/// One request and its response, between the library's thread and the handler's task.
///
/// Ownership: the library holds one reference from the first call of the access handler to the request's completion,
/// and one more for a streamed response, until that is released. The handler's task, or the one that produces the body of
/// its response, holds one while it runs.
///
/// Suspension: the library's thread suspends the connection, inside a callback only, with `isSuspended` set under the
/// lock; anyone resumes it, if the flag is set, inside the same critical section. So `MHD_resume_connection` never meets
/// a connection that has been completed. Continuations are resumed and tasks cancelled outside the lock.
final class Exchange: Sendable {
  typealias BodyReader = CheckedContinuation<[UInt8]?, any Error>
  typealias BodyWriter = CheckedContinuation<Void, any Error>

  struct State {
    /// The library's connection; nil once the request is completed.
    var connection: OpaquePointer?
    var isSuspended = false
    var isAborted = false
    /// The library was once told to come again for the answer.
    var hasWaited = false

    var upload: UploadBuffer
    var reader: BodyReader?

    var response: HTTPResponse?
    var download = DownloadBuffer()
    var writer: BodyWriter?
    var bufferUse = BufferUse()

    /// The handler's, then the one that produces a streamed body.
    var task: Task<Void, Never>?
    /// Whatever task there will be is cancelled.
    var isCancelled = false
    /// Also before there is one.
    var isTaskOver = true
    /// Its body is on its way, and it is not yet given to a handler.
    var waiting: (request: HTTPRequest, answer: HTTPServer.ImmediateAnswer)?

    var isCompleted: Bool { connection == nil }
    var isOver: Bool { isCompleted && isTaskOver }

    /// For all time; the caller then cancels the task that it gets.
    mutating func cancel() -> Task<Void, Never>? {
      isCancelled = true
      return task
    }

    /// On the library's thread, inside a callback.
    mutating func suspend() {
      guard let connection, !isSuspended else { return }
      isSuspended = true
      MHD_suspend_connection(connection)
    }

    /// On any thread.
    mutating func resume() {
      guard let connection, isSuspended else { return }
      isSuspended = false
      MHD_resume_connection(connection)
    }
  }

  let peer: Connection
  let state: Locked<State>
  let isHead: Bool
  private let daemon: Daemon

  /// How long the peer may take for what it lets us wait with.
  var writeTimeout: Duration { daemon.configuration.writeTimeout }

  init(peer: Connection, isHead: Bool, bodyLimit: Int, daemon: Daemon) {
    self.peer = peer
    self.isHead = isHead
    self.daemon = daemon
    state = Locked(State(upload: UploadBuffer(limit: bodyLimit)))
  }

  /// Starts the handler. Called once, on the library's thread.
  func start(_ handler: @escaping HTTPServer.Handler, _ request: HTTPRequest, on connection: OpaquePointer) {
    state.withLock { state in
      state.connection = connection
      state.isTaskOver = false
    }
    // Unstructured, because it is begun by a callback on a C thread, which must not wait for it. The exchange keeps it,
    // cancels it, and the server's stop waits for it.
    let task = Task {
      await self.run(handler, request)
    }
    let isCancelled = state.withLock { state in
      // It may be over by now, or have been followed by the body's.
      if !state.isTaskOver, state.task == nil { state.task = task }
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  /// Keeps the request until its body is complete. Called once instead of `start`, on the library's thread.
  func wait(
    with request: HTTPRequest, for answer: @escaping HTTPServer.ImmediateAnswer, on connection: OpaquePointer
  ) {
    state.withLock { state in
      state.connection = connection
      state.waiting = (request, answer)
    }
  }

  /// The body is complete: if the request waits, it is answered at once, or its handler is started. On the library's
  /// thread.
  func answerAtOnce(orBy handler: @escaping HTTPServer.Handler) -> HTTPResponse? {
    let (waiting, body, connection) = state.withLock {
      state -> ((request: HTTPRequest, answer: HTTPServer.ImmediateAnswer)?, [UInt8], OpaquePointer?) in
      guard let waiting = state.waiting, !state.isAborted else { return (nil, [], nil) }
      state.waiting = nil
      return (waiting, state.upload.buffered, state.connection)
    }
    guard let waiting, let connection else { return nil }
    if let response = waiting.answer(body) {
      guard case .bytes = response.body else { preconditionFailure("an immediate answer cannot be a stream") }
      peer.setDeadline(after: nil)
      state.withLock { $0.upload.complete() }
      return response
    }
    start(handler, waiting.request, on: connection)
    return nil
  }

  private func run(_ handler: HTTPServer.Handler, _ request: HTTPRequest) async {
    let response = await handler(request)
    answer(response)
    guard case .stream(let produce) = response.body, !isHead else { return endTask() }
    // Another task, as each keeps all the memory that its deepest call has ever needed: a stream may wait for hours, with
    // nothing of what it took to check its request. It takes the handler's place, cancelled if that was.
    let task = Task {
      await self.run(produce)
    }
    let isCancelled = state.withLock { state in
      if !state.isTaskOver { state.task = task }
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  private func run(_ produce: @Sendable (HTTPResponseWriter) async throws -> Void) async {
    do {
      try await produce(HTTPResponseWriter(exchange: self))
      endDownload(failed: false)
    } catch {
      endDownload(failed: true)
    }
    endTask()
  }

  private func endTask() {
    let isOver = state.withLock { state in
      state.isTaskOver = true
      state.task = nil
      return state.isOver
    }
    if isOver { daemon.remove(self) }
  }

  /// The handler has decided. What is still missing of the body is dropped.
  private func answer(_ response: HTTPResponse) {
    let reader = state.withLock { state -> BodyReader? in
      guard !state.isCompleted else { return nil }
      state.response = response
      state.upload.discard()
      peer.continueDeadline()
      state.resume()
      defer { state.reader = nil }
      return state.reader
    }
    // Only if the handler left a task behind that reads.
    reader?.resume(returning: nil)
  }

  /// The peer will send nothing more. What the handler answers is delivered all the same. As long as the library still
  /// reads the body, the rest of it may be there: then its end or its lack decides.
  func peerHungUp() {
    state.withLock { state in state.upload.isComplete || state.isSuspended ? state.cancel() : nil }?.cancel()
  }

  /// The server stops: the connection is to be broken off.
  func abort() {
    let (task, reader, writer) = state.withLock { state in
      state.isAborted = true
      state.upload.breakOff()
      state.download.fail()
      defer {
        state.reader = nil
        state.writer = nil
      }
      state.resume()
      return (state.cancel(), state.reader, state.writer)
    }
    task?.cancel()
    reader?.resume(throwing: CancellationError())
    writer?.resume(throwing: CancellationError())
  }

  /// The library is done with the request, well or not.
  func complete() {
    let (task, reader, writer, isOver) = state.withLock { state in
      state.connection = nil
      // The request holds this exchange, for its body.
      state.waiting = nil
      state.isSuspended = false
      state.upload.breakOff()
      state.download.fail()
      defer {
        state.reader = nil
        state.writer = nil
      }
      return (state.cancel(), state.reader, state.writer, state.isOver)
    }
    peer.detach()
    task?.cancel()
    reader?.resume(throwing: HTTPRequestBodyError.closedEarly)
    writer?.resume(throwing: CancellationError())
    if isOver { daemon.remove(self) }
  }
}
