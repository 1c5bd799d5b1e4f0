import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import StackAPI
import StackClient
import Testing

/// A call that starts a run and whose answer gets lost.
struct RepeatTests {
  private struct Broken: Error {}

  /// Starts a run at a server whose first answers break off.
  private func start(
    breaking count: Int, key: String?
  ) async throws -> (result: Result<Int64, StackClientError>, keys: [String]) {
    let keys = Locked([String]())
    let server = HTTPServer { request in
      let number = keys.withLock { keys in
        keys.append(request.fields["Idempotency-Key"] ?? "none")
        return keys.count
      }
      if number > count { return .json(Array(#"{"id": 7}"#.utf8), status: 202) }
      return HTTPResponse(status: 202, body: .stream { _ in throw Broken() })
    }
    try server.start()
    let http = HTTPClient()
    let client = StackClient(address: "http://127.0.0.1:\(server.port)", user: "", key: "", http: http)
    let result: Result<Int64, StackClientError>
    do throws(StackClientError) {
      result = .success(try await client.start(APIRunRequest(stack: "s"), key: key))
    } catch {
      result = .failure(error)
    }
    http.shutdown()
    await server.stop()
    return (result, keys.withLock { $0 })
  }

  @Test func itIsRepeatedWithItsKey() async throws {
    let (result, keys) = try await start(breaking: 2, key: "k")
    #expect(try result.get() == 7)
    #expect(keys == ["k", "k", "k"])
  }

  @Test func anAdditionIsRepeatedToo() async throws {
    let keys = Locked([String]())
    let server = HTTPServer { request in
      let number = keys.withLock { keys in
        keys.append(request.fields["Idempotency-Key"] ?? "none")
        return keys.count
      }
      if number > 1 { return .json(Array(#"{"name": "s", "revision": 1, "warnings": []}"#.utf8), status: 201) }
      return HTTPResponse(status: 201, body: .stream { _ in throw Broken() })
    }
    try server.start()
    let http = HTTPClient()
    let client = StackClient(address: "http://127.0.0.1:\(server.port)", user: "", key: "", http: http)
    let added = try await client.add(APIStackAddition(source: "name: s\n", files: ["a": ""]), key: "k")
    #expect(added.revision == 1)
    #expect(keys.withLock { $0 } == ["k", "k"])
    http.shutdown()
    await server.stop()
  }

  @Test func notForEverAndNotWithoutAKey() async throws {
    let (result, keys) = try await start(breaking: .max, key: "k")
    #expect(throws: StackClientError.self) { try result.get() }
    #expect(keys.count == 3)
    let (once, none) = try await start(breaking: 1, key: nil)
    #expect(throws: StackClientError.self) { try once.get() }
    #expect(none == ["none"])
  }
}
