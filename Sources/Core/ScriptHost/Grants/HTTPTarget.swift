package import StackModel

/// Where a script's request goes: a URL taken to pieces, so that what is checked is what is connected to.
package struct HTTPTarget: Sendable, Hashable {
  package let isSecure: Bool
  package let host: HTTPHost
  package let port: Int
  /// Begins with `/`; percent-encoded.
  package let path: String
  /// Without its `?`, percent-encoded; empty for none.
  package private(set) var query: String

  /// Bytes of a URL.
  private static let longest = 8 << 10

  /// Takes `http` and `https` with a host in plain form, without user and password. A fragment is left out.
  package init(_ url: String) throws(HostCallFailure) {
    guard url.utf8.count <= Self.longest else {
      throw Self.refusal("is longer than \(Self.longest) bytes")
    }
    // A backslash is a slash to some readers of URLs and part of the host to others.
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      throw Self.refusal("has characters that no URL has; percent-encode them")
    }
    guard let scheme = url.firstRange(of: "://"), ["http", "https"].contains(url[..<scheme.lowerBound].lowercased())
    else {
      throw Self.refusal("does not begin with http:// or https://")
    }
    isSecure = url[..<scheme.lowerBound].lowercased() == "https"
    let rest = url[scheme.upperBound...].prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@") else { throw Self.refusal("has a user or password; send a header instead") }
    (host, port) = try Self.authority(authority, isSecure: isSecure)
    let behind = rest[authority.endIndex...]
    let path = behind.prefix { $0 != "?" }
    self.path = path.isEmpty ? "/" : String(path)
    query = String(behind[path.endIndex...].dropFirst())
  }

  private static func authority(_ text: Substring, isSecure: Bool) throws(HostCallFailure) -> (HTTPHost, Int) {
    let bracket = text.lastIndex(of: "]") ?? text.startIndex
    let colon = text[bracket...].firstIndex(of: ":")
    guard let host = HTTPHost(text[..<(colon ?? text.endIndex)]) else {
      throw refusal(
        "has no host in plain form: a name of letters, digits, '-' and '_', an IPv4 address as four decimal numbers, or an IPv6 "
          + "address in brackets")
    }
    guard let colon else { return (host, isSecure ? 443 : 80) }
    guard let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port),
      text[text.index(after: colon)...].utf8.allSatisfy({ (48...57).contains($0) })
    else {
      throw refusal("has a port that is no number from 1 to 65535")
    }
    return (host, port)
  }

  private static func refusal(_ what: String) -> HostCallFailure {
    HostCallFailure(.invalidArgument, "argument url \(what)")
  }

  /// Adds a pair to the query, percent-encoding both.
  package mutating func append(query name: String, _ value: String) {
    query += (query.isEmpty ? "" : "&") + Self.encode(name) + "=" + Self.encode(value)
  }

  private static func encode(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.append(byte)
      default: encoded += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  package var endpoint: HTTPEndpoint { HTTPEndpoint(host: host, port: port) }

  /// Put together again from the checked pieces.
  package var url: String { shown(query: query) }

  /// For people: values of the query may be secrets.
  package var shown: String {
    let names = query.split(separator: "&").map { pair in
      pair.contains("=") ? pair.prefix { $0 != "=" } + "=…" : "…"
    }
    return shown(query: names.joined(separator: "&"))
  }

  private func shown(query: String) -> String {
    "\(isSecure ? "https" : "http")://\(host):\(port)\(path)\(query.isEmpty ? "" : "?" + query)"
  }
}

/// A host and a port.
package struct HTTPEndpoint: Sendable, Hashable, CustomStringConvertible {
  package var host: HTTPHost
  package var port: Int

  package init(host: HTTPHost, port: Int) {
    self.host = host
    self.port = port
  }

  /// - Returns: nil where the host is in no plain form.
  package init?(host: String, port: Int) {
    guard (1...65535).contains(port), let host = HTTPHost(host) ?? HTTPHost("[\(host)]") else { return nil }
    self.init(host: host, port: port)
  }

  package var description: String { "\(host):\(port)" }
}
