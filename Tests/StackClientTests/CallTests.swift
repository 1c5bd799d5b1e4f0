import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import StackAPI
import StackClient
import Testing

struct CallTests {
  @Test func nobodyThereIsASentenceWithTheWayOut() async throws {
    let client = StackClient(address: "http://127.0.0.1:1", user: "", key: "", http: HTTPClient())
    let error = await #expect(throws: StackClientError.self) { try await client.info() }
    #expect(error?.code == .unreachable)
    #expect(error?.message.contains("no server answers at http://127.0.0.1:1") == true)
    #expect(error?.message.contains("--api or SD_API") == true)
  }

  @Test func aRefusalCarriesWhatTheServerSays() async throws {
    let server = try ScriptedServer(
      .json(
        #"""
        {"error": {"code": "invalid", "message": "not stored", "details": ["a detail"], "diagnostics": [
          {"severity": "error", "code": "x", "file": "s.yaml", "line": 3, "column": 4, "message": "wrong", "hint": null}]}}
        """#, status: 422))
    let error = await #expect(throws: StackClientError.self) {
      try await server.client().add(APIStackAddition(source: "x", file: "s.yaml"))
    }
    #expect(error?.code == .refused)
    #expect(error?.status == 422)
    #expect(error?.description == "not stored\na detail\ns.yaml:3:4: error: wrong")
    let request = try #require(server.requests.first)
    #expect(request.method == "POST" && request.target == "/api/v1/stacks")
    #expect(request.fields["X-Api-User"] == "ann" && request.fields["X-Api-Key"] == "k")
    #expect(try JSON(parsing: request.body).isEquivalent(to: ["source": "x", "file": "s.yaml"]))
    await server.stop()
  }

  @Test func aWrongKeyNamesTheVariables() async throws {
    let server = try ScriptedServer(
      .json(#"{"error": {"code": "unauthorized", "message": "Unauthorized"}}"#, status: 401))
    let error = await #expect(throws: StackClientError.self) { try await server.client().info() }
    #expect(error?.message == "Unauthorized (SD_USER and SD_KEY name the user and the key)")
    await server.stop()
  }

  @Test func aRefusalThatNamesTheVariablesIsLeftAsItIs() async throws {
    let server = try ScriptedServer(
      .json(#"{"error": {"code": "unauthorized", "message": "a key is needed (SD_KEY)"}}"#, status: 401))
    let error = await #expect(throws: StackClientError.self) { try await server.client().info() }
    #expect(error?.message == "a key is needed (SD_KEY)")
    await server.stop()
  }

  @Test(arguments: [
    ("http://127.0.0.1:1", "k\n", "the value of the header X-Api-Key holds a line end"),
    ("http://bad host", "k", "a URL holds spaces"), ("http://127.0.0.1:99999", "k", "no URL that can be requested"),
  ])
  func whatCannotBeSentIsNotBlamedOnTheServer(address: String, key: String, reason: String) async throws {
    let client = StackClient(address: address, user: "", key: key, http: HTTPClient())
    let error = await #expect(throws: StackClientError.self) { try await client.info() }
    #expect(error?.code == .invalidRequest)
    #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    #expect(error?.message.contains("no server answers") == false)
  }

  @Test func credentialsInTheAddressAreRefusedAndNotShown() async throws {
    let told = Locked("")
    let client = StackClient(address: "http://ann:sesame@127.0.0.1:1", user: "", key: "", http: HTTPClient()) { line in
      told.withLock { $0 += line }
    }
    let error = await #expect(throws: StackClientError.self) { try await client.info() }
    #expect(error?.message.contains("credentials do not belong into the server's address") == true)
    #expect(error?.description.contains("sesame") == false && told.withLock { $0 } == "")
  }

  @Test func anEmptyNameIsNotSent() async throws {
    let client = StackClient(address: "http://127.0.0.1:1", user: "", key: "", http: HTTPClient())
    let shown = await #expect(throws: StackClientError.self) { try await client.stack("") }
    let down = await #expect(throws: StackClientError.self) { try await client.down("", APIDownRequest()) }
    #expect([shown?.message, down?.message] == ["the stack's name is empty", "the stack's name is empty"])
  }

  @Test(arguments: [(200, "<html>"), (502, "<html>"), (200, "{\"id\": \"seven\"}"), (200, "")])
  func anotherServerAtTheAddressIsNotUnderstood(status: Int, body: String) async throws {
    let server = try ScriptedServer(.json(body, status: status))
    let error = await #expect(throws: StackClientError.self) {
      try await server.client().start(APIRunRequest(stack: "x"))
    }
    #expect(error?.code == .unexpectedAnswer, "\(String(describing: error))")
    await server.stop()
  }

  @Test func listsAreReadPageByPage() async throws {
    let stack =
      #"{"name": "NAME", "revision": 1, "applications": 0, "addedAt": "2026-11-25T00:00:00.000Z", "addedBy": ""}"#
    let pages = [("a", "\"more\""), ("b", "null")].map { name, next in
      HTTPResponse.json(#"{"stacks": [\#(stack.replacing("NAME", with: name))], "next": \#(next)}"#)
    }
    let server = try ScriptedServer(pages[0], pages[1])
    #expect(try await server.client().stacks().map(\.name) == ["a", "b"])
    #expect(server.requests.map(\.target) == ["/api/v1/stacks?limit=1000", "/api/v1/stacks?limit=1000&page=more"])
    await server.stop()
  }

  /// Bodies as the original's command line sends them.
  @Test func theOriginalsCalls() async throws {
    let server = try ScriptedServer(HTTPResponse(status: 200, fields: [:], body: .bytes(Array("answer".utf8))))
    let client = server.client()
    try await client.ping()
    #expect(try await client.show("s") == "answer")
    try await client.remove("s", force: true)
    #expect(try await client.addUser("u", isAdmin: true) == "answer")
    #expect(try await client.refreshToken("u") == "answer")
    #expect(try await client.removeScheduled(7) == "answer")
    #expect(
      server.requests.map { "\($0.method) \($0.target) \($0.body)" } == [
        "POST /health {}", #"POST /get {"name":"s"}"#, #"POST /removestack {"name":"s","force":true}"#,
        #"POST /createuser {"name":"u","role":"admin"}"#, #"POST /refreshtoken {"name":"u"}"#,
        #"POST /scheduled/delete {"id":7}"#,
      ])
    await server.stop()
  }

  @Test func logsKeepCharactersWholeWhereverTheyAreCut() async throws {
    let text = "a é € 😀 end"
    let bytes = Array(text.utf8)
    let server = try ScriptedServer(
      HTTPResponse(
        fields: [:],
        body: .stream { writer in
          for byte in bytes { try await writer.write([byte]) }
        }))
    var received = ""
    try await server.client().logs(of: 1, application: "a/b", stream: "stderr") { received += $0 }
    #expect(received == text)
    #expect(server.requests[0].target == "/api/v1/runs/1/logs?application=a%2Fb&stream=stderr")
    await server.stop()
  }
}
