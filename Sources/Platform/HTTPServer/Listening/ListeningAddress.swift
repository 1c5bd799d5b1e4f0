import Glibc

/// Where a server listens.
package enum ListeningAddress: Sendable, Hashable, CustomStringConvertible {
  /// An address or a name of this machine; port 0 lets the system choose.
  case tcp(host: String, port: Int)
  /// A socket file, made with these permissions. One that nobody serves any more is replaced, and it is removed at the
  /// end.
  case unix(path: String, permissions: UInt32 = 0o600)
  /// A listening stream socket that this process was started with. It is closed at the end, but stays open for whoever
  /// else has it.
  case inherited(descriptor: Int32)

  /// This machine alone.
  package static func loopback(port: Int = 0) -> ListeningAddress { .tcp(host: "127.0.0.1", port: port) }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path, _): "unix:\(path)"
    case .inherited(let descriptor): "descriptor \(descriptor)"
    }
  }

  /// Whether it never leaves this machine. An inherited socket is asked what it is; one that is no socket is none of these.
  package var isUnix: Bool {
    switch self {
    case .tcp: false
    case .unix: true
    case .inherited(let descriptor): SocketAddress(localOf: descriptor)?.family == AF_UNIX
    }
  }

  /// What an inherited socket is bound to.
  /// - Throws: `HTTPServerError` if it is no listening stream socket of TCP or of a Unix path.
  package init(boundTo descriptor: Int32) throws(HTTPServerError) {
    var kind: Int32 = 0
    var isListening: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0,
      getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0,
      kind == Int32(SOCK_STREAM.rawValue), isListening != 0, let address = SocketAddress(localOf: descriptor)?.listening
    else {
      throw HTTPServerError(
        code: .addressUnknown,
        description: "the inherited descriptor \(descriptor) is no listening stream socket of TCP or a Unix path")
    }
    self = address
  }
}
