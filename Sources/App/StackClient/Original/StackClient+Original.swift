import HTTPClient
import HTTPTypes
package import JSON

/// The original's calls, with the bodies that its command line sends.
extension StackClient {
  /// Sends `body` to a path and gives the answer's text.
  /// - Throws: `.refused` with the server's text, its line break included, for every status but those in `expected`.
  package func original(
    _ path: String, _ body: JSONObject, expecting expected: Set<Int> = [200]
  ) async throws(StackClientError) -> String {
    var request = HTTPClientRequest(.post, url: base + path, body: JSON.object(body).bytes)
    request.fields["Content-Type"] = "application/json"
    // `/run` answers when the run is over.
    request.timeout = nil
    let answer = try await send(request)
    guard expected.contains(answer.status) else {
      throw StackClientError(.refused, answer.text, status: answer.status)
    }
    return answer.text
  }

  package func ping() async throws(StackClientError) {
    _ = try await original("/health", [:])
  }

  /// The YAML list of names.
  package func list() async throws(StackClientError) -> String {
    try await original("/list", [:])
  }

  /// The merged stack as YAML.
  package func show(_ name: String) async throws(StackClientError) -> String {
    try await original("/get", ["name": .string(name)])
  }

  package func remove(_ name: String, force: Bool) async throws(StackClientError) {
    _ = try await original("/removestack", ["name": .string(name), "force": .bool(force)])
  }

  /// - Returns: the new user's key.
  package func addUser(_ name: String, isAdmin: Bool) async throws(StackClientError) -> String {
    try await original(
      "/createuser", ["name": .string(name), "role": .string(isAdmin ? "admin" : "regular")], expecting: [200, 201])
  }

  /// - Returns: the user's new key.
  package func refreshToken(_ name: String) async throws(StackClientError) -> String {
    try await original("/refreshtoken", ["name": .string(name)])
  }

  /// The JSON list of scheduled tasks.
  package func scheduled() async throws(StackClientError) -> String {
    try await original("/scheduled", [:])
  }

  package func removeScheduled(_ id: Int64) async throws(StackClientError) -> String {
    try await original("/scheduled/delete", ["id": .integer(id)])
  }
}
