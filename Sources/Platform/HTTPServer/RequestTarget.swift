import HTTPTypes

/// The target of a request line (RFC 9112, 3.2) in its parts.
struct RequestTarget: Sendable {
  let text: String
  let path: String
  let segments: [String]
  let query: QueryItems

  /// Returns nil for what no client should send: a broken escape or an encoded NUL in the path, a control or a space, a
  /// form that is neither a path nor `http://host/path` nor `*`.
  init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
    var rest = text[...]
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      // The absolute form, which proxies get, and which every server must take.
      rest = rest.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }
      if !rest.hasPrefix("/") { rest = "/" + rest }
    }
    guard rest.hasPrefix("/") || rest == "*" else { return nil }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var segments: [String] = []
    for segment in parts[0].split(separator: "/") {
      guard let decoded = PercentCoding.decode(segment), !decoded.utf8.contains(0) else { return nil }
      segments.append(decoded)
    }
    self.text = text
    self.path = String(parts[0])
    self.segments = segments
    query = QueryItems(parsing: parts.count > 1 ? parts[1] : "")
  }
}
