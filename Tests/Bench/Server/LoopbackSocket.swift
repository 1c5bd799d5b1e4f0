import Glibc

/// Plain sockets at 127.0.0.1, for what has to be measured without a client's own work.
enum LoopbackSocket {
  private static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func socket() -> Int32 {
    Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  /// A listening socket at a port that the system chooses.
  static func listen() throws -> (socket: Int32, port: Int) {
    let listener = socket()
    var place = address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
        guard bind(listener, address, length) == 0, Glibc.listen(listener, 1_024) == 0 else { return -1 }
        return getsockname(listener, address, &length)
      }
    }
    guard result == 0 else { throw BenchError("cannot listen at 127.0.0.1: \(String(cString: strerror(errno)))") }
    return (listener, Int(UInt16(bigEndian: place.sin_port)))
  }

  /// A port that nobody listens on at the moment.
  static func freePort() throws -> Int {
    let (listener, port) = try listen()
    close(listener)
    return port
  }

  /// A connected socket, nil if nobody listens.
  static func connect(port: Int) -> Int32? {
    let descriptor = socket()
    var place = address(port: port)
    let result = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  static func send(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }

  /// Whether `GET path` is answered with 200 now.
  static func answers(port: Int, path: String) -> Bool { status(port: port, path: path) == 200 }

  /// How `GET path` is answered now; nil if it is not.
  static func status(port: Int, path: String, fields: [(String, String)] = []) -> Int? {
    guard let descriptor = connect(port: port) else { return nil }
    defer { close(descriptor) }
    let lines = fields.map { "\($0): \($1)\r\n" }.joined()
    send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines)Connection: close\r\n\r\n", to: descriptor)
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &buffer, buffer.count)
    return count > 12 ? Int(String(decoding: buffer[9..<12], as: UTF8.self)) : nil
  }
}
