import HTTPClient
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

  private func follow(
    _ server: ScriptedServer, contact: StackClient.Contact = .first, time: LeapingTime = LeapingTime()
  ) async throws -> [String] {
    var told: [String] = []
    try await server.client().follow(7, contact: contact, time: time) { following in
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

  private static let stops = HTTPResponse.json(
    #"{"error": {"code": "unavailable", "message": "stops"}}"#, status: 503)

  @Test func patienceEnds() async throws {
    let server = try ScriptedServer(.events(event(1, "one")), Self.stops)
    let time = LeapingTime()
    let error = await #expect(throws: StackClientError.self) { try await follow(server, time: time) }
    #expect(error?.status == 503)
    #expect((300...310).contains(time.elapsed / .seconds(1)), "\(time.elapsed)")
    await server.stop()
  }

  @Test func patienceBeginsAnewWithEachConnectionAlsoASilentOne() async throws {
    let time = LeapingTime()
    let quiet = HTTPResponse(
      fields: ["Content-Type": "text/event-stream"],
      body: .stream { writer in
        try await writer.write(Array(": alive\n\n".utf8))
        time.leap(.seconds(3_600))
      })
    let server = try ScriptedServer(
      .events(event(1, "one")), Self.stops, quiet, Self.stops, Self.stops, quiet, .events(event(2, "two", final: true)))
    #expect(try await follow(server, time: time) == ["one", "-", "+", "-", "+", "-", "+", "two"])
    await server.stop()
  }

  @Test func aServerThatWasNeverThereIsNotWaitedFor() async throws {
    let time = LeapingTime()
    let client = StackClient(address: "http://127.0.0.1:1", user: "", key: "", http: HTTPClient())
    var told = 0
    let error = await #expect(throws: StackClientError.self) {
      try await client.follow(7, contact: .first, time: time) { _ in told += 1 }
    }
    #expect(error?.message.contains("no server answers at http://127.0.0.1:1") == true)
    #expect(told == 0 && time.elapsed == .zero)

    let server = try ScriptedServer(Self.stops)
    let refusal = await #expect(throws: StackClientError.self) { try await follow(server, time: time) }
    #expect(refusal?.message == "stops")
    #expect(server.requests.count == 1)
    await server.stop()
  }

  @Test func aServerThatJustAnsweredIsWaitedFor() async throws {
    let server = try ScriptedServer(Self.stops, Self.stops, .events(event(1, "one", final: true)))
    #expect(try await follow(server, contact: .made) == ["-", "+", "one"])
    await server.stop()
  }

  @Test func theStatusAtTheEndIsWaitedFor() async throws {
    let status = HTTPResponse.json(
      #"""
      {"run": {"id": 7, "kind": "run", "stack": "s", "zone": "", "state": "succeeded",
        "createdAt": "2026-11-25T00:00:00.000Z", "createdBy": ""}, "revision": 1, "cancelling": false,
        "applications": [], "variables": {}, "sequence": 9}
      """#)
    let server = try ScriptedServer(Self.stops, .json("<html>", status: 502), status)
    #expect(try await server.client().patientRun(7, time: LeapingTime()).run.state == "succeeded")
    #expect(server.requests.count == 3)
    await server.stop()

    let refusing = try ScriptedServer(.json(#"{"error": {"code": "not_found", "message": "no run 7"}}"#, status: 404))
    await #expect(throws: StackClientError.self) { try await refusing.client().patientRun(7) }
    #expect(refusing.requests.count == 1)
    await refusing.stop()

    let time = LeapingTime()
    let gone = StackClient(address: "http://127.0.0.1:1", user: "", key: "", http: HTTPClient())
    await #expect(throws: StackClientError.self) { try await gone.patientRun(7, time: time) }
    #expect((300...310).contains(time.elapsed / .seconds(1)), "\(time.elapsed)")
  }

  @Test func aRefusalIsFinal() async throws {
    let server = try ScriptedServer(.json(#"{"error": {"code": "not_found", "message": "no run 7"}}"#, status: 404))
    let error = await #expect(throws: StackClientError.self) { try await follow(server) }
    #expect(error?.message == "no run 7")
    #expect(server.requests.count == 1)
    await server.stop()
  }
}
