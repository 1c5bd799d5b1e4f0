import HTTPTypes

/// The target of a request line (RFC 9112, 3.2) in its parts.
struct RequestTarget: Sendable {
  let text: String
  /// Of a target in absolute form: host and port.
  let authority: String?
  let path: String
  let segments: [String]
  let query: QueryItems

  /// Returns nil for what no client should send: a broken escape or an encoded NUL in the path, a control or a space, a
  /// form that is neither a path nor `http://host/path` nor `*`.
  init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
    // By Unicode scalars: a slash is one also before a combining mark, with which it would be one `Character`.
    var rest = text.unicodeScalars[...]
    var authority: Substring.UnicodeScalarView?
    for scheme in ["http://", "https://"] where Self.begins(rest, with: scheme) {
      // The absolute form, which proxies get, and which every server must take.
      rest = rest.dropFirst(scheme.unicodeScalars.count)
      authority = rest.prefix { $0 != "/" && $0 != "?" }
      rest = rest.drop { $0 != "/" && $0 != "?" }
      if rest.first != "/" { rest = "/".unicodeScalars + rest }
      break
    }
    guard rest.first == "/" || text == "*" else { return nil }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var segments: [String] = []
    for segment in parts[0].split(separator: "/") {
      guard let decoded = PercentCoding.decode(String(segment)), !decoded.utf8.contains(0) else { return nil }
      segments.append(decoded)
    }
    self.text = text
    self.authority = authority.map { String($0) }
    self.path = String(parts[0])
    self.segments = segments
    query = QueryItems(parsing: parts.count > 1 ? String(parts[1]) : "")
  }

  private static func begins(_ text: Substring.UnicodeScalarView, with scheme: String) -> Bool {
    String(text.prefix(scheme.unicodeScalars.count)).lowercased() == scheme
  }
}
