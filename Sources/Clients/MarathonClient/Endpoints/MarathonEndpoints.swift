package import HTTPTypes

/// Where Marathon is: one or several addresses of one cluster, and the credentials that stand in one of them.
///
/// An address is `http://host:port` or `https://host:port`; a path after it is ignored. Several members of a cluster are
/// written as `http://a:8080,b:8080` or given one by one.
package struct MarathonEndpoints: Sendable, Hashable {
  /// Scheme, host and port, without a slash at the end; never empty.
  package let urls: [String]
  /// From `http://user:password@host`.
  package let credentials: BasicAuthorization?

  package init(parsing addresses: [String]) throws(MarathonError) {
    var urls: [String] = []
    var credentials: BasicAuthorization?
    for address in addresses {
      var scheme: Substring?
      for member in address.split(separator: ",", omittingEmptySubsequences: false) {
        var authority = member.drop { $0 == " " }
        if let end = authority.firstRange(of: "://") {
          scheme = authority[..<end.lowerBound]
          authority = authority[end.upperBound...]
        }
        guard let scheme else {
          throw Self.error(Self.shown(member), "it has no scheme: write http://\(Self.shown(member)) or https://…")
        }
        guard ["http", "https"].contains(scheme.lowercased()) else {
          throw Self.error(Self.shown(member), "its scheme is neither http nor https")
        }
        authority = authority.prefix { !"/?# ".contains($0) }
        if let at = authority.lastIndex(of: "@") {
          credentials = try Self.credentials(authority[..<at], Self.shown(member))
          authority = authority[authority.index(after: at)...]
        }
        try Self.check(authority)
        let url = "\(scheme.lowercased())://\(authority)"
        if !urls.contains(url) { urls.append(url) }
      }
    }
    guard !urls.isEmpty else { throw Self.error("", "none is given") }
    self.urls = urls
    self.credentials = credentials
  }

  private static func credentials(
    _ text: Substring, _ shown: Substring
  ) throws(MarathonError) -> BasicAuthorization {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let user = PercentCoding.decode(parts[0]),
      let password = PercentCoding.decode(parts.count > 1 ? parts[1] : "")
    else { throw error(shown, "the credentials before the @ are not percent-encoded well") }
    return BasicAuthorization(user: user, password: password)
  }

  private static func check(_ authority: Substring) throws(MarathonError) {
    var host = authority
    var port: Substring?
    if let colon = authority.lastIndex(of: ":"), authority[colon...].allSatisfy({ $0 != "]" }) {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw error(authority, "it names no host")
    }
    if let port {
      guard let number = Int(port), (1...65535).contains(number) else {
        throw error(authority, "\(port.isEmpty ? "nothing" : port) is no port")
      }
    }
  }

  private static func error(_ address: Substring, _ reason: String) -> MarathonError {
    MarathonError(
      .invalidEndpoint, request: "Marathon's address \(address.isEmpty ? "" : "'\(address)'")".trimmingTrailingSpace,
      message: reason)
  }

  /// Without what stands before an @.
  private static func shown(_ member: Substring) -> Substring {
    guard let at = member.lastIndex(of: "@") else { return member }
    return member[member.index(after: at)...]
  }
}

extension String {
  fileprivate var trimmingTrailingSpace: String { last == " " ? String(dropLast()) : self }
}
