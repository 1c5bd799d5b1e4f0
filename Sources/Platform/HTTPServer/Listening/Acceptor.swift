import CPosix
import Concurrency
import Glibc

/// The thread that takes connections from the listening sockets and hands them on, or refuses them at once: what is
/// refused costs the serving thread nothing.
final class Acceptor: Sendable {
  enum Verdict {
    case taken
    /// To be told and closed.
    case refused(String)
  }

  /// Gets a connection. It owns the socket unless it refuses.
  typealias Handler = @Sendable (_ socket: Int32, _ address: borrowing SocketAddress, PeerAddress) -> Verdict

  private let sockets: [ListeningSocket]
  private let tellsWhy: Bool
  private let warn: @Sendable (String) -> Void
  /// Readable once the thread is to end.
  private let wake: (read: Int32, write: Int32)
  private let end = Locked(End())

  private struct End {
    var isReached = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  /// How long nothing is taken when there is no descriptor or memory for a connection.
  private static let pause = Duration.milliseconds(100)
  /// Connections taken from one socket before the next one gets its turn.
  private static let batch = 64

  /// - Parameters:
  ///   - tellsWhy: whether a refused peer is answered; under TLS it could not read it.
  ///   - warn: told when connections are refused, not more often than every ten seconds.
  init(_ sockets: [ListeningSocket], tellsWhy: Bool, warn: @escaping @Sendable (String) -> Void)
    throws(HTTPServerError)
  {
    var ends: [Int32] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else {
      throw HTTPServerError(code: .system, description: "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    wake = (ends[0], ends[1])
    self.sockets = sockets
    self.tellsWhy = tellsWhy
    self.warn = warn
  }

  deinit {
    close(wake.read)
    close(wake.write)
  }

  func start(_ handler: @escaping Handler) {
    startThread(named: "http-accept") { [self] in
      run(handler)
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

  private func run(_ handler: Handler) {
    var refusals = RefusalReport()
    var polled = [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
    polled += sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    while true {
      guard poll(&polled, nfds_t(polled.count), refusals.isDue ? 10_000 : -1) >= 0 || errno == EINTR else {
        warn("connections can no longer be taken: \(String(cString: strerror(errno)))")
        return
      }
      if polled[0].revents != 0 { return }
      var isShort = false
      for index in sockets.indices where polled[index + 1].revents != 0 {
        for _ in 0..<Self.batch {
          guard let failure = accept(from: sockets[index].descriptor, handler, &refusals) else { continue }
          isShort = isShort || [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure)
          break
        }
      }
      if isShort {
        refusals.note("there are no descriptors or no memory left for more connections")
        var waker = polled[0]
        if poll(&waker, 1, Int32(Self.pause.wholeMilliseconds)) > 0 { return }
      }
      if let report = refusals.take(at: .now) { warn(report) }
    }
  }

  /// One connection; the errno if there was none.
  private func accept(from listener: Int32, _ handler: Handler, _ refusals: inout RefusalReport) -> Int32? {
    var address = SocketAddress()
    let socket = cposix_accept(listener, &address.storage, &address.length)
    guard socket >= 0 else {
      // A peer that left before it was taken is no reason to wait for the next turn.
      return errno == ECONNABORTED || errno == EINTR ? nil : errno
    }
    if case .refused(let reason) = handler(socket, address, PeerAddress(address, socket: socket)) {
      refusals.note(reason)
      if tellsWhy { tell(reason, socket) }
      close(socket)
    }
    return nil
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
