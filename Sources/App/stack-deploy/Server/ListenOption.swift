import Arguments
import Glibc
import HTTPServer

/// Where a server is to listen: the original's `--api`, `--listen`, and sockets that it inherits.
enum ListenOption {
  static let api = Option<ListeningAddress?>.value(
    "api", help: "Address that the API listens on, as --listen.", placeholder: "HOST:PORT", default: nil,
    defaultText: "0.0.0.0:4200"
  ) { text throws(InvalidValue) in try address(text) }

  static let listen = Option<[ListeningAddress]>.repeated(
    "listen",
    help: "Address that the API listens on: HOST:PORT (port 0 lets the system choose) or unix:PATH.",
    placeholder: "ADDRESS"
  ) { text throws(InvalidValue) in try address(text) }

  /// Sockets that this process inherits stand for the default.
  /// - Parameter asksForKeys: without keys the permissions of a Unix socket are all that protects it.
  /// - Throws: a sentence about an inherited descriptor.
  static func addresses(
    _ arguments: ParsedArguments, asksForKeys: Bool
  ) throws(InvalidValue) -> [ListeningAddress] {
    let named = (arguments[api].map { [$0] } ?? []) + arguments[listen]
    let inherited = InheritedSockets.addresses
    let all = named.isEmpty && inherited.isEmpty ? [.tcp(host: "0.0.0.0", port: 4200)] : named + inherited
    return all.map { address in
      guard case .unix(let path, _) = address else { return address }
      return .unix(path: path, permissions: asksForKeys ? 0o660 : 0o600)
    }
  }

  /// A leading `http://` is cut, as in the original.
  private static func address(_ text: String) throws(InvalidValue) -> ListeningAddress {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { throw InvalidValue("a path is expected after unix:") }
      return .unix(path: absolute(path))
    }
    var rest = text[...]
    if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
      (0...65_535).contains(port)
    else { throw InvalidValue("HOST:PORT is expected, such as 0.0.0.0:4200, or unix:PATH") }
    var host = rest[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    return .tcp(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
  }

  /// As it goes into `server.json`, for clients in other folders.
  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}
