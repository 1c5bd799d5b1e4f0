import CMicroHTTPD
import Concurrency
import Glibc

/// A running server: the library's daemon and what its callbacks need.
///
/// The library's callbacks get it as an unretained pointer. `start` retains it for them; the end of `stop` releases it,
/// when the library's thread has been joined.
final class Daemon: Sendable {
  struct State {
    /// The library's daemon; nil until it has started and after it has stopped.
    var handle: OpaquePointer?
    /// Lives as long as the library's daemon.
    var memory: DaemonMemory?
    /// What the library said last while it started.
    var lastMessage: String?
    var exchanges: [ObjectIdentifier: Exchange] = [:]
    var isDraining = false
    var isStopping = false
    /// Called when the last exchange is over.
    var whenIdle: [CheckedContinuation<Void, Never>] = []
  }

  let configuration: HTTPServer.Configuration
  let handler: HTTPServer.Handler
  let port: Int
  let watch: ConnectionWatch
  let state = Locked(State())

  /// Memory of one connection in bytes: bounds the head of a request, and the pieces in which bodies come.
  private static let connectionMemory = 32 << 10

  private init(
    _ configuration: HTTPServer.Configuration, handler: @escaping HTTPServer.Handler, port: Int,
    watch: ConnectionWatch
  ) {
    self.configuration = configuration
    self.handler = handler
    self.port = port
    self.watch = watch
  }

  static func start(
    _ configuration: HTTPServer.Configuration, handler: @escaping HTTPServer.Handler
  ) throws(HTTPServerError) -> Daemon {
    let shortest = min(configuration.headerTimeout, configuration.idleTimeout, configuration.bodyTimeout)
    let watch = try ConnectionWatch(sweepInterval: min(.seconds(1), shortest / 4))
    let (listener, port) = try ListeningSocket.open(host: configuration.host, port: configuration.port)
    // Writing to a peer that has gone must be an error of that write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)

    let daemon = Daemon(configuration, handler: handler, port: port, watch: watch)
    let owner = Unmanaged.passRetained(daemon)
    let memory = DaemonMemory(
      logTarget: mhd_log_target(log: logCallback, owner: owner.toOpaque()), tls: configuration.tls)
    var settings = mhd_configuration(
      listening_socket: listener, connection_limit: UInt32(clamping: configuration.connectionLimit),
      inactivity_timeout_seconds: UInt32(clamping: max(1, configuration.writeTimeout.components.seconds)),
      connection_memory: connectionMemory, tls_certificates: memory.certificates, tls_key: memory.key,
      log_target: memory.logTarget, access: accessCallback,
      connection_changed: connectionCallback, request_completed: completedCallback, target_seen: targetCallback,
      owner: owner.toOpaque())
    guard let handle = mhd_start(&settings) else {
      // The library has closed the socket, or not, depending on where it failed: it is left alone.
      owner.release()
      let reason = daemon.state.withLock { $0.lastMessage } ?? "it does not say why"
      throw HTTPServerError(
        code: .system,
        description: "cannot serve port \(port) of \(configuration.host): libmicrohttpd does not start: \(reason)")
    }
    daemon.state.withLock { state in
      state.handle = handle
      state.memory = memory
      state.lastMessage = nil
    }
    watch.start()
    return daemon
  }

  /// Takes what the library says.
  func log(_ message: String) {
    state.withLock { state in
      if state.handle == nil { state.lastMessage = message }
    }
    configuration.log(message)
  }

  var exchangeCount: Int { state.withLock { $0.exchanges.count } }
  var isDraining: Bool { state.withLock { $0.isDraining } }

  /// False if the server stops: then the exchange must not begin.
  func add(_ exchange: Exchange) -> Bool {
    state.withLock { state in
      if state.isStopping { return false }
      state.exchanges[ObjectIdentifier(exchange)] = exchange
      return true
    }
  }

  /// The exchange is completed and its handler has returned.
  func remove(_ exchange: Exchange) {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.exchanges.removeValue(forKey: ObjectIdentifier(exchange))
      guard state.exchanges.isEmpty else { return [] }
      defer { state.whenIdle = [] }
      return state.whenIdle
    }
    for continuation in waiting { continuation.resume() }
  }
}
