import CPosix
import Glibc

/// Who is at the other end of a connection.
package struct PeerAddress: Sendable, Hashable {
  /// An address without its port; `unix:uid=1000` over a Unix socket.
  package let name: String
  /// What limits count by: the address, or of an IPv6 address the network that one site has (/64), as whoever has one
  /// such address has them all.
  package let group: String

  package init(name: String, group: String? = nil) {
    self.name = name
    self.group = group ?? name
  }

  init(_ address: SocketAddress, socket: Int32) {
    if address.family == AF_UNIX {
      let user = cposix_peer_user(socket)
      self.init(name: user < 0 ? "unix" : "unix:uid=\(user)")
      return
    }
    let name = address.numericHost ?? "unknown"
    let network = name.contains(":") ? address.ipv6Network : nil
    self.init(name: name, group: network.map { bytes in bytes.map { String($0, radix: 16) }.joined(separator: ":") })
  }
}
