import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import MarathonClient
import Testing

/// Answers that are no success, and answers that are no answers.
struct ErrorTests {
  private func failure(_ answer: HTTPResponse, _ call: (MarathonClient) async throws -> Void) async throws
    -> MarathonError
  {
    let server = try ReplayServer([answer])
    let client = try MarathonClient(endpoints: [server.url], httpClient: HTTPClient())
    let error = await #expect(throws: MarathonError.self) { try await call(client) }
    await server.stop()
    return try #require(error)
  }

  private func create(_ client: MarathonClient) async throws { _ = try await client.createApp(["id": "/a"]) }

  /// The texts of the original for the same answers.
  @Test(arguments: [
    (
      409, #"{"message":"An app with id [/a] already exists."}"#, MarathonError.Code.exists,
      "Marathon API error: An app with id [/a] already exists."
    ),
    (
      409, #"{"message":"App is locked by one or more deployments.","deployments":[{"id":"d1"},{"id":"d2"}]}"#, .locked,
      "Marathon API error: App is locked by one or more deployments. (locking deployment IDs: d1, d2)"
    ),
    (
      422,
      #"{"message":"Bean is not valid","details":[{"attribute":"x","error":"y"}],"errors":[{"attribute":"id","error":"bad id"}]}"#,
      .invalid, "Marathon API error: Bean is not valid (attribute 'x': y; attribute 'id': bad id)"
    ),
    (
      400, #"{"message":"Invalid JSON","details":[{"path":"/cpus","errors":["e1","e2"]}]}"#, .badRequest,
      "Marathon API error: Invalid JSON (path: '/cpus' errors: e1, e2)"
    ),
    (
      401, #"{"message":"Invalid username or password."}"#, .unauthorized,
      "Marathon API error: Invalid username or password."
    ),
    (500, #"{"message":"boom"}"#, .server, "Marathon API error: boom"),
    (302, #"{"message":"elsewhere"}"#, .refused, "Marathon API error: unknown error"),
    (418, #"{"message":"teapot"}"#, .refused, "Marathon API error: unknown error"),
    (403, #"{"message":"no"}"#, .forbidden, "Marathon API error: unknown error"),
    (503, "<html>Service Unavailable</html>", .unavailable, "<nil>"),
    (401, "", .unauthorized, "<nil>"),
    (404, "<html>nginx</html>", .notJSON, "<nil>"),
    (422, #"{"message":"#, .notJSON, "<nil>"),
    (500, "[]", .server, "<nil>"),
    (429, "slow down", .unavailable, "<nil>"),
    (201, #"{"id":"/a""#, .notJSON, "invalid response from Marathon"),
    (201, "", .notJSON, "invalid response from Marathon"),
    (200, "<html>login</html>", .notJSON, "invalid response from Marathon"),
    (201, "[1,2]", .unexpectedAnswer, "invalid response from Marathon"),
    (201, #"{"id":5}"#, .unexpectedAnswer, "invalid response from Marathon"),
    (201, #"{"id":"/a","tasksRunning":"many"}"#, .unexpectedAnswer, "invalid response from Marathon"),
  ])
  func answers(status: Int, body: String, code: MarathonError.Code, original: String) async throws {
    let error = try await failure(.json(body, status: status), create)
    #expect(error.code == code)
    #expect(error.status == status)
    #expect(error.originalText == original)
    #expect(error.isRetryable == (code == .unavailable))
    #expect(error.mayHaveHappened == (status >= 500 || status < 300))
    #expect(error.description.hasPrefix("POST http://127.0.0.1:"))
    #expect(error.description.contains("(status \(status))"))
  }

  @Test func theDescriptionNamesPlaceAndThing() async throws {
    let error = try await failure(
      .json(
        #"{"message":"Object is not valid","details":[{"path":"/constraints","errors":["a","b"]},{"path":"/","errors":["c"]}]}"#,
        status: 422), create)
    #expect(error.description.hasSuffix("/v2/apps: Object is not valid (status 422): /constraints: a, b; /: c"))
    let locked = try await failure(
      .json(#"{"message":"App is locked.","deployments":[{"id":"d1"}]}"#, status: 409), create)
    #expect(locked.lockingDeployments == ["d1"])
    #expect(locked.description.hasSuffix("App is locked. (status 409); deployments: d1"))
    let html = try await failure(
      HTTPResponse(
        status: 503, fields: ["Content-Type": "text/html"],
        body: .bytes(Array("<html>\n\u{1}  <b>down</b>\u{0}".utf8))), create)
    #expect(html.description.contains("no JSON of Marathon (text/html) and begins with: <html> <b>down</b>"))
    let wrong = try await failure(.json(#"{"id":"/a","deployments":[{"id":1}]}"#, status: 201), create)
    #expect(wrong.description.contains("$.deployments[0].id"))
  }

  @Test func credentialsAreInNoError() async throws {
    let server = try ReplayServer([.json(#"{"message":"no"}"#, status: 401)])
    let url = server.url.replacing("http://", with: "http://user:s3cret@")
    let client = try MarathonClient(endpoints: [url], httpClient: HTTPClient())
    let refused = await #expect(throws: MarathonError.self) { try await client.info() }
    #expect(server.seen[0].fields["Authorization"] == BasicAuthorization(user: "user", password: "s3cret").fieldValue)
    await server.stop()
    let gone = await #expect(throws: MarathonError.self) { try await client.info() }
    for error in [refused, gone] { #expect(error?.description.contains("s3cret") == false) }
  }

  @Test func whatDoesNotExist() async throws {
    let server = try ReplayServer([.json(#"{"message":"App '/a' does not exist"}"#, status: 404)])
    let client = try MarathonClient(endpoints: [server.url], httpClient: HTTPClient())
    #expect(try await client.app("/a") == nil)
    #expect(try await client.app("/a", version: "v") == nil)
    #expect(try await client.tasks(ofApp: "/a").isEmpty)
    #expect(try await !client.resetQueueDelay(ofApp: "/a"))
    let error = await #expect(throws: MarathonError.self) { try await client.destroyApp("/a") }
    #expect(error?.code == .notFound)
    // The page of a web server that is not Marathon is no proof that an application does not exist.
    server.answer(HTTPResponse(status: 404, fields: ["Content-Type": "text/html"], body: .bytes(Array("<html>".utf8))))
    let page = await #expect(throws: MarathonError.self) { try await client.app("/a") }
    #expect(page?.code == .notJSON)
    await server.stop()
  }

  @Test func oneWrongFieldOfManyDoesNotHurtWhereItIsUnknown() async throws {
    let server = try ReplayServer([
      .json(
        #"{"app":{"id":"/a","new":{"x":1},"tasks":[{"id":"t","state":"TASK_OF_TOMORROW","healthCheckResults":[null],"k":[]}]}}"#
      )
    ])
    let client = try MarathonClient(endpoints: [server.url], httpClient: HTTPClient())
    let app = try await client.app("/a")
    #expect(app?.status.tasks?.first?.state?.rawValue == "TASK_OF_TOMORROW")
    #expect(app?.status.tasks?.first?.isHealthy == nil)
    #expect(app?.definition["new"] == ["x": 1])
    await server.stop()
  }
}
