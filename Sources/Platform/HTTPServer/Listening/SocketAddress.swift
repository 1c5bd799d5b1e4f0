import Glibc

/// An address as the system calls have it.
struct SocketAddress {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  init() {}

  /// What a socket is bound to.
  init?(localOf socket: Int32) {
    let code = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    guard code == 0 else { return nil }
  }

  /// The address of a socket file; nil if the path is too long for one.
  init?(unixPath path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
      return nil
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    withUnsafeMutableBytes(of: &storage) { target in
      withUnsafeBytes(of: address) { target.copyMemory(from: $0) }
    }
    length = socklen_t(MemoryLayout<sockaddr_un>.size)
  }

  var family: Int32 { Int32(storage.ss_family) }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// As a listening address; nil for a family that no server of ours listens on.
  var listening: ListeningAddress? {
    switch family {
    case AF_INET, AF_INET6: numericHost.map { .tcp(host: $0, port: port) }
    case AF_UNIX: unixPath.map { .unix(path: $0) }
    default: nil
    }
  }

  /// Numeric, an IPv4 address within IPv6 in IPv4's form.
  var numericHost: String? {
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = withPointer { getnameinfo($0, $1, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) }
    guard code == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let mapped = "::ffff:"
    return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
  }

  /// The first half of an IPv6 address, which is what one site or machine has at least; nil for others.
  var ipv6Network: [UInt8]? {
    guard family == AF_INET6 else { return nil }
    return withUnsafeBytes(of: storage) { bytes in
      let address = bytes.loadUnaligned(as: sockaddr_in6.self)
      return withUnsafeBytes(of: address.sin6_addr) { Array($0.prefix(8)) }
    }
  }

  private var port: Int {
    // It is at the same place for IPv4 and IPv6.
    withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.loadUnaligned(as: sockaddr_in.self).sin_port)) }
  }

  private var unixPath: String? {
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    guard Int(length) > offset else { return nil }
    let bytes = withUnsafeBytes(of: storage) { Array($0[offset..<Int(length)].prefix { $0 != 0 }) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
