import Concurrency
import Glibc

/// Many connections of one hostile client, driven by the thread that made them.
final class Crowd {
  private(set) var sockets: [Int32] = []
  private let start = ContinuousClock.now

  /// Opens connections from one of our own loopback addresses.
  init(_ count: Int, port: Int, from host: UInt8) throws {
    for _ in 0..<count { sockets.append(try Self.connect(port: port, from: host)) }
  }

  deinit { for socket in sockets { close(socket) } }

  static func connect(port: Int, from host: UInt8) throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var on: Int32 = 1
    // The port is chosen together with the peer, as there are more connections than ports.
    setsockopt(socket, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, socklen_t(MemoryLayout<Int32>.size))
    guard call(bind, socket, port: 0, host: host) == 0, call(Glibc.connect, socket, port: port, host: 1) == 0 else {
      let error = CommandFailure("a connection from 127.0.0.\(host): \(String(cString: strerror(errno)))")
      close(socket)
      throw error
    }
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    return socket
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ socket: Int32, port: Int, host: UInt8
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = (0x7F00_0000 | UInt32(host)).bigEndian
    return withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        function(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Whether all of it went out.
  @discardableResult
  static func send(_ text: String, to socket: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
  }

  func sendAll(_ text: String) { for socket in sockets { Self.send(text, to: socket) } }

  /// What each connection was answered until the server closed it, and how long the last one took from the crowd's
  /// start. Those that stay open are told as `isOpen`.
  struct Outcome: Sendable {
    var answers: [String] = []
    var open = 0
    var last = Duration.zero
  }

  /// Waits until the server has closed all connections, or the limit is over.
  /// - Parameter drip: sent on each connection now and then.
  func waitUntilClosed(within limit: Duration, drip: String? = nil) -> Outcome {
    var outcome = Outcome()
    var received = [[UInt8]](repeating: [], count: sockets.count)
    var waiting = Array(sockets.indices)
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while !waiting.isEmpty, ContinuousClock.now - start < limit {
      var polled = waiting.map { pollfd(fd: sockets[$0], events: Int16(POLLIN), revents: 0) }
      poll(&polled, nfds_t(polled.count), 200)
      var next: [Int] = []
      for (place, index) in waiting.enumerated() {
        let isReadable = polled[place].revents != 0
        let count = isReadable ? recv(sockets[index], &buffer, buffer.count, 0) : -1
        if isReadable, count == 0 || (count < 0 && errno != EAGAIN) {
          outcome.last = ContinuousClock.now - start
          continue
        }
        if count > 0 { received[index] += buffer[..<count] }
        if let drip { Self.send(drip, to: sockets[index]) }
        next.append(index)
      }
      waiting = next
    }
    outcome.open = waiting.count
    outcome.answers = received.map { String(decoding: $0, as: UTF8.self) }
    return outcome
  }

  /// Sends all, however slowly the server takes it; stops when the server closes. Returns what it answered.
  static func exchange(_ head: String, bodyBytes: Int, port: Int, from host: UInt8) throws -> String {
    let socket = try connect(port: port, from: host)
    defer { close(socket) }
    send(head, to: socket)
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
    var sent = 0
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let wantsToSend = sent < bodyBytes
      var polled = pollfd(fd: socket, events: Int16(wantsToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
      poll(&polled, 1, 100)
      if polled.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN) { break }
        if count > 0 { answer += buffer[..<count] }
      }
      if wantsToSend, polled.revents & Int16(POLLOUT) != 0 {
        let size = min(piece.count, bodyBytes - sent)
        let count = Glibc.send(socket, piece, size, Int32(MSG_NOSIGNAL))
        if count < 0, errno != EAGAIN { sent = bodyBytes }
        if count > 0 { sent += count }
      }
      if !wantsToSend, answer.count > 0, !answer.isEmpty, String(decoding: answer, as: UTF8.self).contains("\r\n\r\n") {
        break
      }
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
