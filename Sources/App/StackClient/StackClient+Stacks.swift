import HTTPTypes
package import StackAPI

extension StackClient {
  package func info() async throws(StackClientError) -> APIInfo {
    try await call(.info, as: APIInfo.self)
  }

  package func add(_ addition: APIStackAddition) async throws(StackClientError) -> APIStackAdded {
    try await call(.addStack, body: addition, as: APIStackAdded.self)
  }

  /// All stacks and layers, bytewise by name.
  package func stacks() async throws(StackClientError) -> [APIStackSummary] {
    var stacks: [APIStackSummary] = []
    var page: String?
    repeat {
      var query: QueryItems = ["limit": "1000"]
      if let page { query.append("page", page) }
      let answer = try await call(.listStacks, query: query, as: APIStackPage.self)
      stacks += answer.stacks
      page = answer.next
    } while page != nil
    return stacks
  }

  /// - Parameter revision: the latest where it is nil.
  package func stack(
    _ name: String, revision: Int? = nil, merged: Bool = false
  ) async throws(StackClientError) -> APIStackDocument {
    try checkName(name)
    var query = QueryItems()
    if let revision { query.append("revision", String(revision)) }
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
