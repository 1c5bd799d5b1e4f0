import Concurrency
import Glibc

/// A client that sends and receives exactly what a test says. Its calls block, so they run inside `onThread`.
final class RawSocket: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let socket: Int32

  /// - Parameter from: the last byte of our own loopback address, 127.0.0.x.
  init(port: Int, from: UInt8 = 1) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    setTimeouts()
    if from != 1 {
      var on: Int32 = 1
      // The port is chosen together with the peer, as there are more connections than ports.
      setsockopt(socket, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, socklen_t(MemoryLayout<Int32>.size))
      try check(Self.call(bind, socket, Self.loopback(port: 0, host: from)), "bind")
    }
    try check(Self.call(connect, socket, Self.loopback(port: port, host: 1)), "connect")
  }

  init(path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    setTimeouts()
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    try check(Self.call(connect, socket, address), "connect")
  }

  private func setTimeouts() {
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  private func check(_ code: Int32, _ what: String) throws {
    guard code == 0 else { throw Failure(description: "\(what): \(String(cString: strerror(errno)))") }
  }

  private static func loopback(port: Int, host: UInt8) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = (0x7F00_0000 | UInt32(host)).bigEndian
    return address
  }

  private static func call<Address>(
    _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ socket: Int32, _ address: Address
  ) -> Int32 {
    withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        function(socket, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  deinit { close(socket) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
      sent += count
    }
  }

  /// Sends until the peer has taken nothing for some time; returns how many bytes it took.
  func sendWhileTaken(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      var poller = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
      guard poll(&poller, 1, 400) > 0 else { break }
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      guard count > 0 else { break }
      sent += count
    }
    return sent
  }

  /// The next bytes, empty at the end.
  func receive(_ capacity: Int = 65_536) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: capacity)
    let count = recv(socket, &buffer, capacity, 0)
    if count < 0, errno == ECONNRESET { return [] }
    guard count >= 0 else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
    return Array(buffer.prefix(count))
  }

  /// All until the peer closes.
  func receiveAll() throws -> String {
    var all: [UInt8] = []
    while true {
      let bytes = try receive()
      if bytes.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += bytes
    }
  }

  /// Exactly as much as needed for the text to end so.
  func receive(until end: String) throws -> String {
    var all: [UInt8] = []
    let end = Array(end.utf8)
    while !all.suffix(end.count).elementsEqual(end) {
      let byte = try receive(1)
      if byte.isEmpty { throw Failure(description: "the peer closed after \(String(decoding: all, as: UTF8.self))") }
      all += byte
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// One response with a `Content-Length`.
  func receiveResponse() throws -> (head: String, body: String) {
    let head = try receive(until: "\r\n\r\n")
    let length =
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
    var body: [UInt8] = []
    while body.count < length {
      let bytes = try receive(length - body.count)
      if bytes.isEmpty { throw Failure(description: "the body ended after \(body.count) of \(length) bytes") }
      body += bytes
    }
    return (head, String(decoding: body, as: UTF8.self))
  }

  func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

  /// Closes both directions now; the descriptor follows with the last reference.
  func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }
}

/// Runs blocking code outside the pool that the handlers need.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    startThread(named: "test-client") {
      continuation.resume(with: Swift.Result { try body() })
    }
  }
}

/// Waits for something that another thread or process brings about.
func eventually(_ condition: () -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(20)
  while !condition() {
    guard ContinuousClock.now < deadline else { throw RawSocket.Failure(description: "what was waited for never came") }
    try await Task.sleep(for: .milliseconds(5))
  }
}
