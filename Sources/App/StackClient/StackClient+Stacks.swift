import HTTPClient
import HTTPTypes
import JSON
package import StackAPI

extension StackClient {
  package func info() async throws(StackClientError) -> APIInfo {
    try await call(.info, as: APIInfo.self)
  }

  /// - Parameter key: stands for this addition alone, whatever happens on the way: a call in doubt is repeated with it.
  package func add(_ addition: APIStackAddition, key: String? = nil) async throws(StackClientError) -> APIStackAdded {
    try await callOnce(.addStack, [], addition, key: key, as: APIStackAdded.self)
  }

  /// What came with a revision of the stack, the latest where it is nil.
  package func files(of stack: String, revision: Int? = nil) async throws(StackClientError) -> APIStackFileList {
    try checkName(stack)
    return try await call(.listStackFiles, [stack], query: query(revision), as: APIStackFileList.self)
  }

  /// The bytes of one of them.
  package func file(
    _ path: String, of stack: String, revision: Int? = nil
  ) async throws(StackClientError) -> [UInt8] {
    try checkName(stack)
    let problems = APIFileRules.problems(ofPath: path)
    // It would make another path of the call.
    guard problems.isEmpty else {
      throw StackClientError(
        .invalidRequest, "\(APIFileRules.shown(path)) names no file of a stack: \(problems.joined(separator: "; "))")
    }
    let answer = try await send(HTTPClientRequest(url: url(.showStackFile, [stack, path], query(revision))))
    guard answer.status == 200 else { throw refusal(try? JSON(parsing: answer.body), status: answer.status) }
    return answer.body
  }

  private func query(_ revision: Int?) -> QueryItems { revision.map { ["revision": String($0)] } ?? QueryItems() }

  /// - Parameter revision: the latest where it is nil.
  package func stack(
    _ name: String, revision: Int? = nil, merged: Bool = false
  ) async throws(StackClientError) -> APIStackDocument {
    try checkName(name)
    var query = query(revision)
    if merged { query.append("merged", "true") }
    return try await call(.showStack, [name], query: query, as: APIStackDocument.self)
  }

  /// Destroys what the stack has deployed in the zone: a run.
  /// - Parameter key: as for `start`.
  package func down(
    _ stack: String, _ request: APIDownRequest, key: String? = nil
  ) async throws(StackClientError) -> Int64 {
    try checkName(stack)
    return try await startOnce(.downStack, [stack], request, key: key)
  }

  /// An empty name would make another path of the call.
  private func checkName(_ name: String) throws(StackClientError) {
    if name.isEmpty { throw StackClientError(.invalidRequest, "the stack's name is empty") }
  }
}
