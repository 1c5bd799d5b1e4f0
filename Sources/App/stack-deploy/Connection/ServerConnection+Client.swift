import HTTPClient
import StackClient

extension ServerConnection {
  /// Calls the server. With `--debug`, each call and its answer stand on standard error, without the key.
  func client(debug: Bool = false) -> StackClient {
    let trace: @Sendable (String) -> Void = { Console.writeError("\($0)\n") }
    let path = address.hasPrefix("unix:") ? String(address.dropFirst("unix:".count)) : nil
    let http = HTTPClient(HTTPClient.Configuration(certificateAuthorityFile: authorities, unixSocketPath: path))
    return StackClient(address: address, user: user, key: key, http: http, trace: debug ? trace : nil)
  }
}
