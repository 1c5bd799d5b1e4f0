import HTTPServer
import HTTPTypes
import StackAPI
import StackClient
import Testing

struct FollowTests {
  private func event(_ sequence: Int?, _ sentence: String, final: Bool = false) -> String {
    let number = sequence.map(String.init) ?? "null"
    let id = sequence.map { "id: \($0)\n" } ?? ""
    return id + "event: information\n"
      + #"data: {"run": 7, "sequence": \#(number), "at": "2026-11-25T00:00:00.000Z", "kind": "information", "#
      + #""sentence": "\#(sentence)", "data": {}, "final": \#(final)}"# + "\n\n"
  }

  private func follow(_ server: ScriptedServer, patience: Duration = .seconds(300)) async throws -> [String] {
    var told: [String] = []
    try await server.client().follow(7, patience: patience) { following in
      switch following {
      case .event(let event): told.append(event.sentence)
      case .disconnected: told.append("-")
      case .reconnected: told.append("+")
      }
    }
    return told
  }

  @Test func eachEventIsToldOnceAcrossABrokenStream() async throws {
    let server = try ScriptedServer(
      .events(event(1, "one"), ": heartbeat\n\n", event(nil, "note"), event(2, "two")),
      .events(event(2, "two"), event(3, "three", final: true), event(4, "never")))
    #expect(try await follow(server) == ["one", "note", "two", "-", "+", "three"])
    #expect(server.requests.map { $0.fields["Last-Event-ID"] } == ["0", "2"])
    #expect(server.requests[0].target == "/api/v1/runs/7/events")
    await server.stop()
  }

  @Test func aServerThatRestartsIsWaitedFor() async throws {
    let stops = HTTPResponse.json(#"{"error": {"code": "unavailable", "message": "stops"}}"#, status: 503)
    let server = try ScriptedServer(.events(event(1, "one")), stops, stops, .events(event(2, "two", final: true)))
    #expect(try await follow(server) == ["one", "-", "+", "two"])
    #expect(server.requests.count == 4)
    await server.stop()
  }

  @Test func patienceEnds() async throws {
    let stops = HTTPResponse.json(#"{"error": {"code": "unavailable", "message": "stops"}}"#, status: 503)
    let server = try ScriptedServer(stops)
    let error = await #expect(throws: StackClientError.self) { try await follow(server, patience: .milliseconds(150)) }
    #expect(error?.status == 503)
    await server.stop()
  }

  @Test func aRefusalIsFinal() async throws {
    let server = try ScriptedServer(.json(#"{"error": {"code": "not_found", "message": "no run 7"}}"#, status: 404))
    let error = await #expect(throws: StackClientError.self) { try await follow(server) }
    #expect(error?.message == "no run 7")
    #expect(server.requests.count == 1)
    await server.stop()
  }
}
