import Concurrency

/// An HTTP/1.1 server on one thread of libmicrohttpd, with handlers in Swift's tasks.
///
/// - A request's handler runs in a task of its own, which is cancelled when the peer closes its side of the connection;
///   what it answers all the same is delivered, as a client may close only its half.
/// - What another server in front of this one may read differently is refused with 400: see `RequestCheck` and
///   `FieldReader`.
/// - The handler can answer before it has read the body: the rest is dropped, the answer follows it.
package final class HTTPServer: Sendable {
  package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

  private enum State {
    case new
    case running(Daemon)
    case stopped
  }

  /// Looks at a request's head. What it returns answers the request when its body is complete, which is kept until then,
  /// or leaves it to the handler by returning nil. Without that the handler is called at once, and a body of which it reads nothing
  /// is dropped as it comes.
  ///
  /// Both are called on the library's one thread, which serves all connections: they must not wait for anything, nor take
  /// long. What is answered so costs half of what the handler's answers cost, as no task is made and no thread is woken.
  /// Requests with a body above 64 KiB, or of unknown length, go to the handler at once.
  package typealias ImmediateHandler = @Sendable (_ request: HTTPRequest, _ hasBody: Bool) -> ImmediateAnswer?
  package typealias ImmediateAnswer = @Sendable (_ body: [UInt8]) -> HTTPResponse?

  private let configuration: Configuration
  private let handlers: Handlers
  private let state = Locked(State.new)

  /// - Parameter immediate: is asked first; what it answers must not be a stream.
  package init(
    _ configuration: Configuration = Configuration(), immediate: ImmediateHandler? = nil, handler: @escaping Handler
  ) {
    self.configuration = configuration
    handlers = Handlers(immediate: immediate, handler: handler)
  }

  /// Listens from now on. A started server lives until it is stopped. A server starts once.
  package func start() throws(HTTPServerError) {
    try state.withLock { (state) throws(HTTPServerError) in
      guard case .new = state else {
        throw HTTPServerError(code: .alreadyStarted, description: "an HTTP server can be started only once")
      }
      state = .running(try Daemon.start(configuration, handlers: handlers))
    }
  }

  /// Where it listens, with the ports that the system chose; empty before the start and after the stop.
  package var addresses: [ListeningAddress] { daemon?.addresses ?? [] }

  /// The port of the first TCP address; 0 if there is none, before the start and after the stop.
  package var port: Int {
    for case .tcp(_, let port) in addresses { return port }
    return 0
  }

  package var connectionCount: Int { daemon?.watch.count ?? 0 }

  /// Requests whose handler runs or whose answer is not yet delivered.
  package var requestsUnderWay: Int { daemon?.exchangeCount ?? 0 }

  private var daemon: Daemon? {
    state.withLock { state in
      guard case .running(let daemon) = state else { return nil }
      return daemon
    }
  }

  /// Takes no new connections, lets requests under way end for as long as given, then cancels their handlers and closes
  /// their connections. Returns when all is released and the handlers have returned; handlers that ignore their
  /// cancellation are waited for up to five seconds.
  package func stop(drainingFor duration: Duration = .zero) async {
    let daemon = state.withLock { state -> Daemon? in
      defer { state = .stopped }
      guard case .running(let daemon) = state else { return nil }
      return daemon
    }
    await daemon?.stop(drainingFor: duration)
  }
}

/// Who answers requests.
struct Handlers: Sendable {
  let immediate: HTTPServer.ImmediateHandler?
  let handler: HTTPServer.Handler
}
