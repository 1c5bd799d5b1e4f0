import HTTPTypes
package import StackAPI

extension StackClient {
  /// All stacks and layers, bytewise by name.
  package func stacks() async throws(StackClientError) -> [APIStackSummary] {
    try await all(.listStacks, as: APIStackPage.self) { ($0.stacks, $0.next) }
  }

  /// All users, bytewise by name. For administrators.
  package func users() async throws(StackClientError) -> [APIUser] {
    try await all(.listUsers, as: APIUserPage.self) { ($0.users, $0.next) }
  }

  /// Elements that the server gives at once.
  static let largestPage = 1_000

  /// All pages of a list, one after the other.
  private func all<Page: Decodable, Element>(
    _ route: APIRoute, as type: Page.Type, _ parts: (Page) -> (elements: [Element], next: String?)
  ) async throws(StackClientError) -> [Element] {
    var elements: [Element] = []
    var next: String?
    repeat {
      var query: QueryItems = ["limit": String(Self.largestPage)]
      if let next { query.append("page", next) }
      let page = parts(try await call(route, query: query, as: type))
      elements += page.elements
      next = page.next
    } while next != nil
    return elements
  }
}
