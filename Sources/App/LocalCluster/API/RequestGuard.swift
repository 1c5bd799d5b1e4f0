import Crypto
import HTTPTypes

/// Who may ask: requests that name this machine's loopback and this port, that no foreign web page sent, and that know the credential.
///
/// The cluster runs any command that it is asked to run. Listening on loopback alone would not keep a web page in the user's browser from
/// asking, directly or under a name that it has made to lead here.
struct RequestGuard: Sendable {
  enum Refusal: Sendable, Hashable {
    case foreignHost
    case foreignOrigin
    case unauthorized
  }

  /// `nil`: everybody on this machine may ask.
  let credential: BasicAuthorization?
  let host: String
  let port: Int

  func refusal(of fields: HTTPFields) -> Refusal? {
    guard let named = fields["Host"], isOwn(named) else { return .foreignHost }
    if let origin = fields["Origin"] {
      guard origin.hasPrefix("http://"), isOwn(String(origin.dropFirst("http://".count))) else { return .foreignOrigin }
    }
    guard let credential else { return nil }
    let given = fields["Authorization"].flatMap { BasicAuthorization(fieldValue: $0) }
    // Both are compared whatever comes first, so that time tells nothing.
    let name = constantTimeEquals(Array((given?.user ?? "").utf8), Array(credential.user.utf8))
    let word = constantTimeEquals(Array((given?.password ?? "").utf8), Array(credential.password.utf8))
    return name && word ? nil : .unauthorized
  }

  private func isOwn(_ authority: String) -> Bool {
    let (name, number) = Self.split(authority)
    guard number == port else { return false }
    return name == "localhost" || name == "[::1]" || name == host.lowercased() || Self.isLoopback(name)
  }

  private static func split(_ authority: String) -> (String, Int) {
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return (authority.lowercased(), 80)
    }
    return (authority[..<colon].lowercased(), Int(authority[authority.index(after: colon)...]) ?? -1)
  }

  /// An address of 127.0.0.0/8 in its usual form.
  static func isLoopback(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
