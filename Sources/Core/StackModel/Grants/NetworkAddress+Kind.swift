extension NetworkAddress {
  /// What a script may have to do with an address.
  package enum Kind: Sendable, Hashable {
    case ordinary
    /// This machine: to be granted by itself, since what listens there often asks for no keys.
    case loopback
    /// No grant reaches it.
    case forbidden
  }

  package var kind: Kind {
    if Self.loopback.contains(where: { $0.contains(self) }) { return .loopback }
    return Self.forbidden.contains { $0.contains(self) } ? .forbidden : .ordinary
  }

  private static let loopback = ranges(["127.0.0.0/8", "::1/128"])

  /// Addresses that are nobody's or everybody's, those that only a machine's own link knows, where clouds keep the keys of
  /// their machines, and IPv6 addresses that stand for an IPv4 address and would be another way to all these.
  private static let forbidden = ranges([
    // "This network", link-local, multicast, reserved and broadcast.
    "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
    // Link-local, the former site-local, multicast.
    "fe80::/10", "fec0::/10", "ff00::/8",
    // Unspecified and IPv4-compatible, IPv4-mapped, IPv4-translated, NAT64, Teredo, 6to4.
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16",
    // Metadata services that are not link-local.
    "100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128", "fd20:ce::254/128",
  ])

  /// Whether no address of a range can be reached.
  static func isForbidden(_ range: NetworkRange) -> Bool {
    forbidden.contains { $0.contains(range) } && !loopback.contains { $0.contains(range) }
  }

  private static func ranges(_ texts: [String]) -> [NetworkRange] {
    texts.compactMap { NetworkRange($0) }
  }
}

extension NetworkRange {
  /// `10.0.0.0/8`, `fd00::/8`, or one address.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    guard let base = NetworkAddress(v4: first) ?? NetworkAddress(v6: first) else { return nil }
    guard parts.count == 2 else {
      self.init(base)
      return
    }
    guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
      let length = Int(parts[1])
    else { return nil }
    self.init(base, length: length)
  }
}
