import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import StackAPI
import StackClient
import Testing

/// Lists that come in several pages.
struct PageTests {
  @Test(arguments: [(2_500, 2_500), (1_001, 1_001), (1_000, 1_000), (5, 5), (9_999, 2_600)])
  func runsComePageAfterPage(wanted: Int, given: Int) async throws {
    let stored = 2_600
    let limits = Locked([Int]())
    let server = HTTPServer { request in
      let limit = request.query["limit"].flatMap { Int($0) } ?? 0
      let first = request.query["page"].flatMap { Int($0) } ?? 0
      limits.withLock { $0.append(limit) }
      let last = min(stored, first + limit)
      let runs = (first..<last).map { JSON.object(["id": .integer(Int64($0))]) }
      let page: JSON = ["runs": .array(runs), "next": last < stored ? .string("\(last)") : .null]
      return .json(page.bytes)
    }
    try server.start()
    let http = HTTPClient()
    let client = StackClient(address: "http://127.0.0.1:\(server.port)", user: "", key: "", http: http)
    let json = try await client.runsJSON(StackClient.RunQuery(), upTo: wanted)
    http.shutdown()
    await server.stop()
    #expect(json["runs"]?.arrayValue?.compactMap { $0["id"]?.intValue } == Array(0..<given))
    #expect(limits.withLock { $0.allSatisfy { (1...1_000).contains($0) } })
  }

  @Test func stacksAndUsersComeWithAllTheirPages() async throws {
    let server = HTTPServer { request in
      let first = request.query["page"].flatMap { Int($0) } ?? 0
      let isLast = first == 2
      let next: JSON = isLast ? .null : .string("\(first + 1)")
      let time: JSON = "2026-11-25T03:52:54.123Z"
      let name = JSON.string("n\(first)")
      guard request.query["limit"] == "1000" else { return .text("", status: 400) }
      let page: JSON =
        request.path.hasSuffix("/users")
        ? ["users": [["name": name, "role": "admin", "createdAt": time]], "next": next]
        : [
          "stacks": [["name": name, "revision": 1, "applications": 0, "addedAt": time, "addedBy": "ann"]], "next": next,
        ]
      return .json(page.bytes)
    }
    try server.start()
    let http = HTTPClient()
    let client = StackClient(address: "http://127.0.0.1:\(server.port)", user: "", key: "", http: http)
    let (users, stacks) = (try await client.users().map(\.name), try await client.stacks().map(\.name))
    http.shutdown()
    await server.stop()
    #expect(users == ["n0", "n1", "n2"])
    #expect(stacks == users)
  }
}
