/// Hosts and ports that a grant reaches: `*.internal:8080`, `10.0.0.0/8`, `[fd00::/8]:443`, `localhost:9000`, `*`.
package struct HostPattern: Sendable, Hashable {
  private enum Host: Sendable, Hashable {
    case any
    case name(String, Wildcard)
    case range(NetworkRange)
  }

  private let host: Host
  /// Nil: any.
  private let port: Int?

  /// - Parameters:
  ///   - grant: the whole grant, for errors.
  ///   - place: the character of the grant at which the pattern begins.
  init(_ text: String, in grant: String, at place: Int) throws(GrantError) {
    let (host, port) = Self.parts(text)
    if let port {
      self.port = try Self.port(port, in: grant, at: place + host.count + 1)
    } else {
      self.port = nil
    }
    self.host = try Self.host(String(host), in: grant, at: place)
  }

  private static func parts(_ text: String) -> (Substring, Substring?) {
    let bracket = text.lastIndex(of: "]") ?? (text.hasPrefix("[") ? text.endIndex : text.startIndex)
    guard let colon = text[bracket...].firstIndex(of: ":") else { return (text[...], nil) }
    return (text[..<colon], text[text.index(after: colon)...])
  }

  private static func port(_ text: Substring, in grant: String, at place: Int) throws(GrantError) -> Int? {
    if text == "*" { return nil }
    guard let port = HTTPPort.parse(text) else {
      throw GrantError(grant, at: place, "a port is a number from 1 to 65535, or *; an IPv6 address stands in brackets")
    }
    return port
  }

  private static func host(_ text: String, in grant: String, at place: Int) throws(GrantError) -> Host {
    if text == "*" { return .any }
    if text.hasPrefix("[") || text.contains("/") || NetworkAddress(v4: text) != nil {
      let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
      guard let range = NetworkRange(inner), (range.base.bytes.count == 16) == (inner != text) else {
        throw GrantError(
          grant, at: place,
          "a range of addresses is written as 10.0.0.0/8 or [fd00::/8], with nothing but zeros behind the bits that count"
        )
      }
      guard !NetworkAddress.isForbidden(range) else {
        throw GrantError(grant, at: place, "no script ever reaches this address")
      }
      return .range(range)
    }
    // What `*` stands for does not matter here, so a letter takes its place; but it must not make a number a name.
    let hasDigitsOnly = text.utf8.allSatisfy {
      (48...57).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "*")
    }
    let sample = text.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "a")
    guard !(hasDigitsOnly && text.contains { $0.isNumber }), case .name? = HTTPHost(sample) else {
      throw GrantError(
        grant, at: place,
        "a host is a name in which * stands for any text, an address, or a range of addresses such as 10.0.0.0/8")
    }
    var name = text.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    return .name(name, Wildcard(name))
  }

  func covers(_ host: HTTPHost, port: Int) -> Bool {
    guard self.port == nil || self.port == port else { return false }
    switch (self.host, host) {
    case (.any, _): return true
    case (.name(_, let wildcard), .name(let name)): return wildcard.matches(name)
    case (.range(let range), .address(let address)): return range.contains(address)
    case (.name, .address), (.range, .name): return false
    }
  }

  func names(loopback address: NetworkAddress, of host: HTTPHost, port: Int) -> Bool {
    guard self.port == nil || self.port == port else { return false }
    switch self.host {
    case .any: return false
    case .range(let range): return range.contains(address)
    case .name(let pattern, _): return pattern == "localhost" && host == .name("localhost")
    }
  }
}

enum HTTPPort {
  static func parse(_ text: some StringProtocol) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text),
      (1...65535).contains(port)
    else { return nil }
    return port
  }
}
