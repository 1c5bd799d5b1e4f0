import Glibc

/// An open listening socket. It is opened here and not by the library, to know why it cannot be opened.
struct ListeningSocket: Sendable {
  let descriptor: Int32
  /// With the port that the system chose.
  let address: ListeningAddress
  /// Of a Unix socket that we made.
  private let file: UnixSocketFile?

  private init(descriptor: Int32, address: ListeningAddress, file: UnixSocketFile? = nil) {
    self.descriptor = descriptor
    self.address = address
    self.file = file
    noticeVanishedPeers()
  }

  static func open(_ address: ListeningAddress) throws(HTTPServerError) -> ListeningSocket {
    switch address {
    case .tcp(let host, let port): return try tcp(host: host, port: port)
    case .unix(let path, let permissions):
      let (descriptor, file) = try UnixSocketFile.listen(at: path, permissions: permissions)
      return ListeningSocket(descriptor: descriptor, address: address, file: file)
    case .inherited(let descriptor):
      let address = try ListeningAddress(boundTo: descriptor)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
      return ListeningSocket(descriptor: descriptor, address: address)
    }
  }

  private static func tcp(host: String, port: Int) throws(HTTPServerError) -> ListeningSocket {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0, let found = list?.pointee else {
      throw HTTPServerError(
        code: .addressUnknown,
        description: "cannot listen on port \(port) of \(host): \(String(cString: gai_strerror(code)))")
    }

    let listener = socket(found.ai_family, streamType, found.ai_protocol)
    guard listener >= 0 else { throw .listening(host: host, port: port, errno: errno) }
    // A restarted server takes its port again, though connections of the old one linger in TIME_WAIT.
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(listener, found.ai_addr, found.ai_addrlen) == 0, listen(listener, backlog) == 0 else {
      let error = HTTPServerError.listening(host: host, port: port, errno: errno)
      Glibc.close(listener)
      throw error
    }
    var bound = port
    if case .tcp(_, let chosen)? = SocketAddress(localOf: listener)?.listening { bound = chosen }
    return ListeningSocket(descriptor: listener, address: .tcp(host: host, port: bound))
  }

  /// Connections that are waiting to be taken.
  static let backlog: Int32 = 1_024

  static var streamType: Int32 {
    Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
  }

  /// Opens all, or none.
  static func open(_ addresses: [ListeningAddress]) throws(HTTPServerError) -> [ListeningSocket] {
    var sockets: [ListeningSocket] = []
    for address in addresses {
      do throws(HTTPServerError) {
        sockets.append(try open(address))
      } catch {
        for socket in sockets { socket.close() }
        throw error
      }
    }
    return sockets
  }

  /// Connections that wait in the queue are reset. An inherited socket lives on elsewhere, so it is not shut down.
  func close() {
    file?.remove()
    Glibc.close(descriptor)
  }

  /// A peer whose machine or network is gone says nothing. The connections inherit these from the listening socket: a
  /// quiet peer is asked after half a minute, and given up when it has not acknowledged anything for a minute.
  private func noticeVanishedPeers() {
    func set(_ level: Int32, _ option: Int32, _ value: Int32) {
      var value = value
      // On a Unix socket they are errors, and not needed.
      setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 60_000)
  }
}
