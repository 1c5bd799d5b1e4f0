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
  let handlers: Handlers
  /// Where it listens, with the ports that the system chose.
  let addresses: [ListeningAddress]
  let watch: ConnectionWatch
  let acceptor: Acceptor
  let state = Locked(State())

  /// Memory of one connection in bytes: bounds the head of a request, and the pieces in which bodies come. Above 32 KiB
  /// the library takes it from the system page by page as it is used, and gives it back when the connection closes.
  private static let connectionMemory = 36 << 10

  private init(
    _ configuration: HTTPServer.Configuration, handlers: Handlers, addresses: [ListeningAddress],
    watch: ConnectionWatch, acceptor: Acceptor
  ) {
    self.configuration = configuration
    self.handlers = handlers
    self.addresses = addresses
    self.watch = watch
    self.acceptor = acceptor
  }

  static func start(
    _ configuration: HTTPServer.Configuration, handlers: Handlers
  ) throws(HTTPServerError) -> Daemon {
    let shortest = min(configuration.headerTimeout, configuration.idleTimeout, configuration.bodyTimeout)
    let counts = ConnectionCounts(
      limit: configuration.connectionLimit, limitPerPeer: configuration.connectionLimitPerPeer)
    let watch = try ConnectionWatch(counts: counts, sweepInterval: min(.seconds(1), shortest / 4))
    let sockets = try ListeningSocket.open(configuration.addresses)
    do throws(HTTPServerError) {
      let acceptor = try Acceptor(
        sockets, tellsWhy: configuration.tls == nil, silenceLimit: configuration.headerTimeout,
        warn: configuration.warn)
      let daemon = Daemon(
        configuration, handlers: handlers, addresses: sockets.map(\.address), watch: watch, acceptor: acceptor)
      try daemon.startLibrary()
      watch.start()
      acceptor.start(daemon)
      return daemon
    } catch {
      for socket in sockets { socket.close() }
      throw error
    }
  }

  private func startLibrary() throws(HTTPServerError) {
    // Writing to a peer that has gone must be an error of that write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let owner = Unmanaged.passRetained(self)
    let memory = DaemonMemory(
      logTarget: mhd_log_target(log: logCallback, owner: owner.toOpaque()), tls: configuration.tls)
    var settings = mhd_configuration(
      // What is counted here is the limit; the library forgets a closed connection a moment after it has told us.
      connection_limit: UInt32(clamping: configuration.connectionLimit + 1_024),
      inactivity_timeout_seconds: UInt32(clamping: max(1, configuration.writeTimeout.components.seconds)),
      connection_memory: Self.connectionMemory, tls_certificates: memory.certificates, tls_key: memory.key,
      log_target: memory.logTarget, access: accessCallback, connection_changed: connectionCallback,
      request_completed: completedCallback, target_seen: targetCallback, owner: owner.toOpaque())
    guard let handle = mhd_start(&settings) else {
      owner.release()
      let reason = state.withLock { $0.lastMessage } ?? "it does not say why"
      throw HTTPServerError(
        code: .system,
        description: "cannot serve \(addresses.map(\.description).joined(separator: ", ")): "
          + "libmicrohttpd does not start: \(reason)")
    }
    state.withLock { state in
      state.handle = handle
      state.memory = memory
      state.lastMessage = nil
    }
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
