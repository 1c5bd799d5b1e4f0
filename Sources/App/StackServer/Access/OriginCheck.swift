import HTTPServer
import HTTPTypes

/// Keeps pages of other sites, that a user's browser happens to show, from calling this API.
///
/// A browser says where a request comes from (`Origin`, `Sec-Fetch-Site`). Where no key is asked for, a page could also
/// point a name of its own at this machine (DNS rebinding), so the request's `Host` must be an address or a name that
/// is known to be ours.
struct OriginCheck: Sendable {
  /// Names under which this server may be called without a key, besides addresses and `localhost`; nil: any.
  var ownNames: Set<String>?

  /// Why the request is refused; nil if it is not.
  func objection(to request: HTTPRequest) -> String? {
    let host = request.fields["Host"] ?? ""
    if let ownNames {
      let name = Self.name(ofAuthority: host)
      guard name.isEmpty || Self.isAddress(name) || name == "localhost" || ownNames.contains(name) else {
        return "this server is not called \(name); call it by its address"
      }
    }
    if let origin = request.fields["Origin"] {
      guard let authority = origin.firstRange(of: "://").map({ origin[$0.upperBound...] }),
        authority.lowercased() == host.lowercased()
      else { return "pages of other sites may not call this API" }
    }
    // "same-site" is another host, or another port of this one.
    switch request.fields["Sec-Fetch-Site"] {
    case nil, "same-origin", "none": return nil
    default: return "pages of other sites may not call this API"
    }
  }

  private static func name(ofAuthority authority: String) -> String {
    if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }) + "]" }
    return authority.prefix { $0 != ":" }.lowercased()
  }

  private static func isAddress(_ name: String) -> Bool {
    name.hasPrefix("[") || name.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }
}
