import HTTPClient
import HTTPTypes
package import JSON
package import StackAPI

extension StackClient {
  /// - Parameter key: stands for this run alone, whatever happens on the way: a call in doubt is repeated with it.
  package func start(_ request: APIRunRequest, key: String? = nil) async throws(StackClientError) -> Int64 {
    try await startOnce(.startRun, [], request, key: key)
  }

  /// How often a call is made at most whose answer got lost.
  private static let attempts = 3

  func startOnce(
    _ route: APIRoute, _ path: [String], _ body: some Encodable, key: String?
  ) async throws(StackClientError) -> Int64 {
    try await callOnce(route, path, body, key: key, as: APIRunAccepted.self).id
  }

  /// A call that is to be done once, and is made again with its key where its answer got lost.
  func callOnce<Answer: Decodable>(
    _ route: APIRoute, _ path: [String], _ body: some Encodable, key: String?, as type: Answer.Type
  ) async throws(StackClientError) -> Answer {
    var attempt = 1
    while true {
      do throws(StackClientError) {
        let json = try await callForJSON(route, path, fields: key.map { ["Idempotency-Key": $0] } ?? [:], body: body)
        return try understand(json, as: type)
      } catch {
        guard error.isInDoubt, key != nil, attempt < Self.attempts else { throw error }
        attempt += 1
      }
    }
  }

  /// What `GET /api/v1/runs` is asked for; what is nil or empty does not restrict.
  package struct RunQuery: Sendable {
    package var stack: String?
    package var zone: String?
    package var states: [String] = []
    package var limit: Int?
    package var page: String?

    package init() {}

    var items: QueryItems {
      var items = QueryItems()
      if let stack { items.append("stack", stack) }
      if let zone { items.append("zone", zone) }
      for state in states { items.append("state", state) }
      if let limit { items.append("limit", String(limit)) }
      if let page { items.append("page", page) }
      return items
    }
  }

  /// As the server wrote it: an `APIRunPage`.
  package func runsJSON(_ query: RunQuery) async throws(StackClientError) -> JSON {
    try await callForJSON(.listRuns, query: query.items)
  }

  /// The same, page after page until there are so many, or no more.
  package func runsJSON(_ query: RunQuery, upTo count: Int) async throws(StackClientError) -> JSON {
    var query = query
    var runs: [JSON] = []
    while true {
      query.limit = min(Self.largestPage, count - runs.count)
      var page = try await runsJSON(query)
      runs += page["runs"]?.arrayValue ?? []
      if runs.count < count, let next = page["next"]?.stringValue {
        query.page = next
        continue
      }
      if var object = page.objectValue {
        object["runs"] = .array(runs)
        page = .object(object)
      }
      return page
    }
  }

  package func runs(_ query: RunQuery) async throws(StackClientError) -> APIRunPage {
    try await call(.listRuns, query: query.items, as: APIRunPage.self)
  }

  package func run(_ id: Int64) async throws(StackClientError) -> APIRunStatus {
    try await call(.showRun, [String(id)], as: APIRunStatus.self)
  }

  /// As the server wrote it: an `APIRunStatus`.
  package func runJSON(_ id: Int64) async throws(StackClientError) -> JSON {
    try await callForJSON(.showRun, [String(id)])
  }

  /// Events after a sequence, the oldest first, a page of them.
  package func events(of run: Int64, after sequence: Int64) async throws(StackClientError) -> APIEventPage {
    try await call(
      .runEvents, [String(run)], query: ["after": String(sequence)], as: APIEventPage.self)
  }

  package func cancel(_ run: Int64) async throws(StackClientError) {
    _ = try await callForJSON(.cancelRun, [String(run)])
  }

  /// Gives the approval that a script of the run waits for.
  package func approve(_ run: Int64, _ name: String) async throws(StackClientError) {
    _ = try await callForJSON(.approveRun, [String(run)], body: APIApproval(name: name))
  }

  package func resume(_ run: Int64, _ decision: APIResumeRequest.Decision) async throws(StackClientError) {
    _ = try await callForJSON(.resumeRun, [String(run)], body: APIResumeRequest(decision: decision))
  }

  /// What hooks and tasks of a run have written until now, piece by piece as it comes.
  /// - Parameters:
  ///   - application: all of them where it is nil.
  ///   - stream: `stdout` or `stderr`; both where it is nil.
  package func logs(
    of run: Int64, application: String?, stream: String?, _ receive: (String) -> Void
  ) async throws(StackClientError) {
    var query = QueryItems()
    if let application { query.append("application", application) }
    if let stream { query.append("stream", stream) }
    var request = HTTPClientRequest(url: url(.runLogs, [String(run)], query))
    request.timeout = nil
    let response = try await openStream(request)
    var pending: [UInt8] = []
    do {
      for try await bytes in response.body {
        pending += bytes
        // A character may be cut; its rest comes with the next piece.
        let end = pending.endOfWholeCharacters
        receive(String(decoding: pending[..<end], as: UTF8.self))
        pending.removeFirst(end)
      }
    } catch {
      throw StackClientError(error, address: address)
    }
    receive(String(decoding: pending, as: UTF8.self))
  }
}
