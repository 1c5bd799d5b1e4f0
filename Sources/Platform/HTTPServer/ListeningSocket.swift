import Glibc

/// Opens the socket itself instead of leaving that to the library, to know why it cannot be opened.
enum ListeningSocket {
  /// A listening socket, close-on-exec and non-blocking, and the port that it got.
  static func open(host: String, port: Int) throws(HTTPServerError) -> (socket: Int32, port: Int) {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0, let address = list?.pointee else {
      throw HTTPServerError(
        code: .addressUnknown,
        description: "cannot listen on port \(port) of \(host): \(String(cString: gai_strerror(code)))")
    }

    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let listener = socket(address.ai_family, type, address.ai_protocol)
    guard listener >= 0 else { throw .listening(host: host, port: port, errno: errno) }
    // A restarted server takes its port again, though connections of the old one linger in TIME_WAIT.
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(listener, address.ai_addr, address.ai_addrlen) == 0, listen(listener, 1_024) == 0 else {
      let error = HTTPServerError.listening(host: host, port: port, errno: errno)
      close(listener)
      throw error
    }
    return (listener, boundPort(of: listener) ?? port)
  }

  private static func boundPort(of listener: Int32) -> Int? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer -> Int? in
      let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
      guard result == 0 else { return nil }
      // The port is at the same place for IPv4 and IPv6.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }

  /// The numeric address at the other end, without its port; an IPv4 peer of an IPv6 socket in IPv4's form.
  static func peerAddress(of socket: Int32) -> String {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int32 in
        guard getpeername(socket, pointer, &length) == 0 else { return EAI_SYSTEM }
        return getnameinfo(pointer, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      }
    }
    guard code == 0 else { return "unknown" }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let mapped = "::ffff:"
    return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
  }
}
