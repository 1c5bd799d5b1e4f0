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
}
