import CPosix
import Concurrency
import Glibc

/// The thread that takes connections from the listening sockets, waits for their first byte and hands them on. What is
/// refused, says nothing or leaves at once costs the serving thread nothing.
final class Acceptor: Sendable {
  /// Who counts connections and serves them. Called on the acceptor's thread.
  protocol Host: AnyObject, Sendable {
    /// Counts a connection, or says why it is not taken.
    func admit(_ socket: Int32, _ peer: PeerAddress) -> Admission
    /// An admitted connection has ended before anything came.
    func abandon(_ socket: Int32)
    /// An admitted connection has something to read. The host owns it from here on.
    func serve(_ guest: borrowing Lobby.Guest)
  }

  enum Admission {
    case admitted
    /// The server is full: one that waits in silence may be closed for it, and others may be about to end.
    case full(String)
    case refused(String)
  }

  private let sockets: [ListeningSocket]
  private let tellsWhy: Bool
  private let silenceLimit: Duration
  private let warn: @Sendable (String) -> Void
  /// Readable once the thread is to end.
  private let wake: (read: Int32, write: Int32)
  private let epoll: Int32
  private let end = Locked(End())

  private struct End {
    var isReached = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// How long nothing is taken when there is no descriptor or memory for a connection.
  private static let pause = Duration.milliseconds(100)
  /// How long the first that meets a full server is kept waiting in place of being refused, and all behind it: connections that have ended are let
  /// go of by another thread, which a flood keeps busy.
  private static let mostCrowded = Duration.milliseconds(100)
  /// Between two looks whether there is room.
  private static let look = Duration.milliseconds(2)
  /// Connections taken from one socket before others get their turn.
  private static let batch = 64

  /// - Parameters:
  ///   - tellsWhy: whether a refused peer is answered; under TLS it could not read it.
  ///   - silenceLimit: how long a connection may wait for its first byte.
  ///   - warn: told when connections are refused, not more often than every ten seconds.
  init(
    _ sockets: [ListeningSocket], tellsWhy: Bool, silenceLimit: Duration, warn: @escaping @Sendable (String) -> Void
  ) throws(HTTPServerError) {
    var ends: [Int32] = [-1, -1]
    epoll = cposix_epoll_create()
    guard epoll >= 0, cposix_pipe(&ends) == 0 else {
      let reason = String(cString: strerror(errno))
      if epoll >= 0 { Glibc.close(epoll) }
      throw HTTPServerError(code: .system, description: "cannot watch for connections: \(reason)")
    }
    wake = (ends[0], ends[1])
    self.sockets = sockets
    self.tellsWhy = tellsWhy
    self.silenceLimit = silenceLimit
    self.warn = warn
  }

  deinit {
    for descriptor in [wake.read, wake.write, epoll] { Glibc.close(descriptor) }
  }

  func start(_ host: any Host) {
    startThread(named: "http-accept") { [self] in
      var turn = Turn(host: host)
      run(&turn)
      while let guest = turn.lobby.oldest { drop(guest.socket, &turn) }
      for socket in sockets { socket.close() }
      let waiter = end.withLock { end in
        end.isReached = true
        defer { end.waiter = nil }
        return end.waiter
      }
      waiter?.resume()
    }
  }

  /// Takes nothing more; the listening sockets are closed when it returns. Called once.
  func stop() async {
    var byte: UInt8 = 0
    _ = write(wake.write, &byte, 1)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isReached = end.withLock { end in
        if !end.isReached { end.waiter = continuation }
        return end.isReached
      }
      if isReached { continuation.resume() }
    }
  }

  /// What the thread knows.
  private struct Turn {
    let host: any Host
    var lobby = Lobby()
    var refusals = RefusalReport()
    /// When a connection first met a full server; nil if the last one was taken.
    var fullSince: ContinuousClock.Instant?

    /// Nothing has to be done without an event.
    var isQuiet: Bool { lobby.isEmpty && !refusals.isDue }
  }

  /// What an event of epoll is about: the pipe, a listening socket by its index from 1, or a guest.
  private static func token(of socket: Int32) -> UInt64 { UInt64(1) << 32 | UInt64(UInt32(bitPattern: socket)) }

  private func run(_ turn: inout Turn) {
    cposix_epoll_add_reader(epoll, wake.read, 0)
    for (index, socket) in sockets.enumerated() {
      cposix_epoll_add_reader(epoll, socket.descriptor, UInt64(index) + 1)
    }
    let sweep = Int32(clamping: max(10, min(Duration.milliseconds(500), silenceLimit / 4).wholeMilliseconds))
    var nextSweep = ContinuousClock.now
    var tokens = [UInt64](repeating: 0, count: Self.batch)
    while true {
      let count = cposix_epoll_wait(epoll, &tokens, Int32(tokens.count), turn.isQuiet ? -1 : sweep)
      var isShort = false
      for token in tokens.prefix(Int(max(0, count))) {
        switch token {
        case 0: return
        case 1...UInt64(sockets.count): isShort = accept(from: sockets[Int(token) - 1].descriptor, &turn) || isShort
        default: receive(Int32(truncatingIfNeeded: token), &turn)
        }
      }
      let now = ContinuousClock.now
      if now >= nextSweep {
        nextSweep = now + .milliseconds(Int64(sweep))
        while let guest = turn.lobby.oldest, now - guest.since >= silenceLimit { drop(guest.socket, &turn) }
        if let report = turn.refusals.take(at: now) { warn(report) }
      }
      if isShort {
        turn.refusals.note("there are no descriptors or no memory left for more connections")
        if isToEnd(within: Self.pause) { return }
      }
    }
  }

  /// Blocks for that long, or until the thread is to end.
  private func isToEnd(within duration: Duration) -> Bool {
    var waker = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
    return poll(&waker, 1, Int32(duration.wholeMilliseconds)) > 0
  }

  /// Takes what waits at a listening socket. True if there is no room for it.
  private func accept(from listener: Int32, _ turn: inout Turn) -> Bool {
    for _ in 0..<Self.batch {
      var address = SocketAddress()
      let socket = cposix_accept(listener, &address.storage, &address.length)
      guard socket >= 0 else {
        // A peer that left before it was taken is no reason to wait for the next turn.
        if errno == ECONNABORTED || errno == EINTR { continue }
        return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
      }
      enter(socket, address, &turn)
    }
    return false
  }

  private func enter(_ socket: Int32, _ address: SocketAddress, _ turn: inout Turn) {
    let peer = PeerAddress(address, socket: socket)
    var admission = turn.host.admit(socket, peer)
    if case .full = admission, let oldest = turn.lobby.oldest {
      // Silence must not keep out who has something to say.
      drop(oldest.socket, &turn)
      admission = turn.host.admit(socket, peer)
    }
    while case .full = admission, isCrowdedForAMoment(&turn), !isToEnd(within: Self.look) {
      admission = turn.host.admit(socket, peer)
    }
    switch admission {
    case .admitted:
      turn.fullSince = nil
      turn.lobby.enter(socket, address, peer, at: .now)
      // Often the request is there already.
      if receive(socket, &turn) { return }
      if cposix_epoll_add_reader(epoll, socket, Self.token(of: socket)) != 0 { drop(socket, &turn) }
    case .full(let reason), .refused(let reason):
      turn.refusals.note(reason)
      if tellsWhy { tell(reason, socket) }
      Glibc.close(socket)
    }
  }

  private func isCrowdedForAMoment(_ turn: inout Turn) -> Bool {
    let now = ContinuousClock.now
    let since = turn.fullSince ?? now
    turn.fullSince = since
    return now - since < Self.mostCrowded
  }

  /// Looks whether a guest has said something or has left. False if neither.
  @discardableResult
  private func receive(_ socket: Int32, _ turn: inout Turn) -> Bool {
    guard let guest = turn.lobby.guest(socket) else { return true }
    var byte: UInt8 = 0
    let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    if count > 0 {
      turn.lobby.leave(socket)
      _ = cposix_epoll_remove(epoll, socket)
      turn.host.serve(guest)
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      drop(socket, &turn)
    } else {
      return false
    }
    return true
  }

  private func drop(_ socket: Int32, _ turn: inout Turn) {
    turn.lobby.leave(socket)
    turn.host.abandon(socket)
    Glibc.close(socket)
  }

  /// As far as it fits into the socket's buffer; a peer that has sent something may see a reset in its place.
  private func tell(_ reason: String, _ socket: Int32) {
    let answer = """
      HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n\
      Content-Length: \(reason.utf8.count + 1)\r\nConnection: close\r\n\r\n\(reason)\n
      """
    _ = Array(answer.utf8).withUnsafeBytes {
      send(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
    shutdown(socket, Int32(SHUT_WR))
  }
}
