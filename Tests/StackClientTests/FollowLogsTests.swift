import HTTPClient
import HTTPServer
import JSON
import StackAPI
import StackClient
import Testing

@Suite struct FollowLogsTests {
  private func piece(_ source: String, _ heading: String?, _ text: String, next: Int) -> String {
    let data = try? JSON(encoding: APILogPiece(source: source, heading: heading, text: text, next: next)).text
    return "event: piece\ndata: \(data ?? "")\n\n"
  }

  private let end = "event: end\ndata: {}\n\n"
  private let stops = HTTPResponse.json(#"{"error": {"code": "unavailable", "message": "stops"}}"#, status: 503)

  /// The text, and what was told of the connection.
  private func follow(
    _ server: ScriptedServer, _ asked: APILogRequest = APILogRequest()
  ) async throws -> (text: String, connection: String) {
    var told = (text: "", connection: "")
    try await server.client().followLogs(of: 7, asked, time: LeapingTime()) { following in
      switch following {
      case .text(let text): told.text += text
      case .disconnected: told.connection += "-"
      case .reconnected: told.connection += "+"
      }
    }
    return told
  }

  @Test func everyLogGoesOnWhereItWas() async throws {
    let server = try ScriptedServer(
      .events(
        piece("1", "a stdout", "one\n", next: 4), piece("2", "b stdout", "eins", next: 4), ": alive\n\n",
        piece("1", "a stdout", "two\n", next: 8), "event: piece\ndata: {\"source\": \"2\", \"hea"),
      stops, stops,
      .events(piece("1", "a stdout", "three\n", next: 14), piece("2", "b stdout", "zwei\n", next: 9), end))
    let told = try await follow(server, APILogRequest(application: "a", stream: "stdout"))
    #expect(
      told.text
        == "==> a stdout <==\none\n\n==> b stdout <==\neins\n\n==> a stdout <==\ntwo\nthree\n\n==> b stdout <==\nzwei\n"
    )
    #expect(told.connection == "-+")
    #expect(server.requests.count == 4)
    #expect(server.requests.allSatisfy { $0.method == "POST" && $0.target == "/api/v1/runs/7/logs" })
    let asked = try server.requests.map { try JSON(parsing: Array($0.body.utf8)).decode(APILogRequest.self) }
    #expect(asked[0] == APILogRequest(application: "a", stream: "stdout"))
    #expect(asked[3] == APILogRequest(application: "a", stream: "stdout", positions: ["1": 8, "2": 4]))
    await server.stop()
  }

  @Test func sentencesStandForThemselves() async throws {
    let server = try ScriptedServer(
      .events(
        piece("1", "a stdout", "one", next: 3), piece("task", nil, "Its log lies elsewhere.\n", next: 1),
        piece("1", "a stdout", "two\n", next: 7), end))
    #expect(
      try await follow(server).text
        == "==> a stdout <==\none\nIts log lies elsewhere.\n\n==> a stdout <==\ntwo\n")
    await server.stop()
  }

  @Test func aRefusalIsFinalAndAServerThatWasNeverThereIsNotWaitedFor() async throws {
    let refusing = try ScriptedServer(
      .events(piece("1", "a stdout", "one\n", next: 4)),
      .json(#"{"error": {"code": "not_found", "message": "no run 7"}}"#, status: 404))
    let refusal = await #expect(throws: StackClientError.self) { try await follow(refusing) }
    #expect(refusal?.message == "no run 7")
    #expect(refusing.requests.count == 2)
    await refusing.stop()

    let gone = StackClient(address: "http://127.0.0.1:1", user: "", key: "", http: HTTPClient())
    let error = await #expect(throws: StackClientError.self) {
      try await gone.followLogs(of: 7, APILogRequest(), time: LeapingTime()) { _ in }
    }
    #expect(error?.code == .unreachable)
  }

  @Test func aPieceThatIsNotUnderstoodIsSaid() async throws {
    let server = try ScriptedServer(.events("event: piece\ndata: {\"odd\": 1}\n\n"))
    let error = await #expect(throws: StackClientError.self) { try await follow(server) }
    #expect(error?.code == .unexpectedAnswer)
    await server.stop()
  }
}
