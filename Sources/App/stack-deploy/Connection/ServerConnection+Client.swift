import HTTPClient
import StackClient

extension ServerConnection {
  /// Calls the server. With `--debug`, each call and its answer stand on standard error, without the key.
  func client(debug: Bool = false) -> StackClient {
    let trace: @Sendable (String) -> Void = { Console.writeError("\($0)\n") }
    return StackClient(address: address, user: user, key: key, http: HTTPClient(), trace: debug ? trace : nil)
  }
}
