// In a release build the compiler takes `sockaddr` for a declaration of the first module that includes its header.
import CCurl
import Glibc

/// The address that a host name stands for, as an address policy sees it before a connection is made.
package enum PeerAddress: Sendable, Hashable {
  /// Four bytes, in network order.
  case v4([UInt8])
  /// Sixteen bytes. IPv4 addresses in IPv6 form (`::ffff:a.b.c.d`) are shown as `v4`.
  case v6([UInt8])

  init?(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
        .v4(withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) })
      }
    case AF_INET6:
      let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
      }
      let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
      self = bytes.starts(with: mappedPrefix) ? .v4(Array(bytes[12...])) : .v6(bytes)
    default: return nil
    }
  }

  /// `127.0.0.0/8` or `::1`.
  package var isLoopback: Bool {
    switch self {
    case .v4(let bytes): bytes[0] == 127
    case .v6(let bytes): bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
  }
}
