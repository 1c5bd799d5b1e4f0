import HTTPTypes
import JSON
import StackAPI
import Testing

/// Every list that comes in pages, walked from its start to its end.
@Suite struct PageTests {
  /// What is listed, the page after `page`, until no next one is told. Each element once and no page larger than asked for.
  private func walk(
    _ server: ServerFixture, _ path: String, list: String, name: String, limit: Int, next: String = "page"
  ) async throws -> [JSON] {
    var elements: [JSON] = []
    var query = "?limit=\(limit)"
    for _ in 0..<100 {
      let answer = try await server.send(.get, path + query, user: "admin", key: server.adminKey)
      #expect(answer.status == 200, "\(path)\(query): \(answer.text)")
      let page = try answer.json()
      let listed = page[list]?.arrayValue ?? []
      #expect(listed.count <= limit)
      elements += listed.compactMap { $0[name] }
      switch page["next"] {
      case .string(let token)?: query = "?limit=\(limit)&\(next)=\(token)"
      case .integer(let number)?: query = "?limit=\(limit)&\(next)=\(number)"
      default: return elements
      }
    }
    Issue.record("\(path) does not end")
    return elements
  }

  private static let count = 7

  /// Seven stacks, runs and users, `admin` among these.
  private func withLists(_ test: @Sendable (ServerFixture) async throws -> Void) async throws {
    try await ServerFixture.run(isOpen: false) { server in
      func post(_ path: String, _ body: JSON) async throws {
        let answer = try await server.send(.post, path, body.text, user: "admin", key: server.adminKey)
        #expect(answer.status < 300, "\(path): \(answer.text)")
      }
      for number in 1...Self.count {
        try await post("/api/v1/stacks", ["source": .string("name: s\(number)\napplications: {}\n")])
        try await post("/api/v1/runs", ["stack": .string("s\(number)")])
        if number < Self.count { try await post("/api/v1/users", ["name": .string("u\(number)")]) }
      }
      try await test(server)
    }
  }

  @Test func everyListIsWalkedPageByPage() async throws {
    try await withLists { server async throws in
      let names: [JSON] = (1...Self.count).map { .string("s\($0)") }
      let runs: [JSON] = (1...Self.count).reversed().map { .integer(Int64($0)) }
      let users: [JSON] = ["admin"] + (1..<Self.count).map { .string("u\($0)") }
      // One by one, with a last page that is not full, with one that is, and all at once.
      for limit in [1, 3, Self.count, Self.count + 1] {
        #expect(try await walk(server, "/api/v1/stacks", list: "stacks", name: "name", limit: limit) == names)
        #expect(try await walk(server, "/api/v1/runs", list: "runs", name: "id", limit: limit) == runs)
        #expect(try await walk(server, "/api/v1/users", list: "users", name: "name", limit: limit) == users)
      }
    }
  }

  /// Events are numbered, so their pages go on behind a number.
  @Test func eventsAreWalkedPageByPage() async throws {
    try await withLists { server async throws in
      let path = "/api/v1/runs/1/events"
      try await eventually {
        try await server.send(.get, "/api/v1/runs/1", user: "admin", key: server.adminKey)
          .json().decode(APIRunStatus.self).run.isFinal
      }
      let all = try await walk(server, path, list: "events", name: "sequence", limit: 1_000, next: "after")
      #expect(all.count > 2)
      for limit in 1...3 {
        #expect(try await walk(server, path, list: "events", name: "sequence", limit: limit, next: "after") == all)
      }
    }
  }

  @Test func aPageThatIsNoneIsRefused() async throws {
    try await withLists { server async throws in
      func get(_ path: String) async throws -> ServerFixture.Answer {
        try await server.send(.get, path, user: "admin", key: server.adminKey)
      }
      let stacks = try await get("/api/v1/stacks?limit=1").json()["next"]?.stringValue ?? ""
      for query in ["limit=0", "limit=1001", "limit=x", "page=odd", "page=\(stacks)"] {
        let refused = try await get("/api/v1/users?\(query)")
        #expect(refused.status == 400, "\(query): \(refused.text)")
      }
      let whole = try await get("/api/v1/users").json()
      #expect(whole["users"]?.arrayValue?.count == Self.count)
      #expect(whole["next"]?.stringValue == nil)
    }
  }
}
