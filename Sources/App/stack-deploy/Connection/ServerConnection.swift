import Arguments
import Glibc

/// Which server a client command talks to, and as whom.
struct ServerConnection {
  /// Without a slash at its end: `http://…`, `https://…` or `unix:/path`.
  let address: String
  /// Sent even when they are empty, as the original does.
  let user: String
  let key: String
  /// The only authorities to trust, as a PEM file; nil: the system's.
  let authorities: String?

  /// `--api`, which each client command has.
  static let api = Option<String?>.string(
    "api", help: "Address of the server, also unix:PATH (default: SD_API, else http://\(defaultAddress)).",
    placeholder: "ADDRESS")

  /// `--ca`, which each client command has.
  static let authorities = Option<String?>.string(
    "ca",
    help: "PEM file with the authorities to trust (default: SD_CA, else the system's); the address is https then.",
    placeholder: "FILE", completion: .files)

  /// `--debug`, which each client command has.
  static let debug = Option<Bool>.flag("debug", help: "Log what is sent and received to standard error.")

  static let defaultAddress = "127.0.0.1:4200"

  /// The flags that each client command has.
  static var options: [OptionDeclaration] { [api.declaration, authorities.declaration, debug.declaration] }

  /// From `--api`, `SD_API`, `SD_USER`, `SD_KEY`, `--ca` and `SD_CA`. What is empty is as good as not given.
  init(_ arguments: ParsedArguments) {
    let given = arguments[Self.api] ?? ""
    self.init(
      api: given.isEmpty ? Self.environment("SD_API") ?? "" : given,
      user: Self.environment("SD_USER") ?? "", key: Self.environment("SD_KEY") ?? "",
      authorities: arguments[Self.authorities] ?? Self.environment("SD_CA"))
  }

  /// - Parameter authorities: an address without a scheme is https where there are some.
  init(api: String, user: String, key: String, authorities: String? = nil) {
    self.authorities = authorities.flatMap { $0.isEmpty ? nil : $0 }
    self.user = user
    self.key = key
    var address = api.isEmpty ? Self.defaultAddress : api
    if !["http://", "https://", "unix:"].contains(where: address.hasPrefix) {
      address = "\(self.authorities == nil ? "http" : "https")://\(address)"
    }
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
