import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import MarathonClient
import Testing

/// The event stream over real connections; only its pauses run on a clock that the test moves.
struct EventStreamTests {
  private let time = ManualTime()

  /// One behaviour per connection, the last one again and again.
  private final class Script: Sendable {
    private let state: Locked<(turns: [@Sendable (HTTPRequest) -> HTTPResponse], targets: [String])>

    init(_ turns: [@Sendable (HTTPRequest) -> HTTPResponse]) { state = Locked((turns, [])) }

    var targets: [String] { state.withLock { $0.targets } }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
      let turn = state.withLock { state in
        state.targets.append(request.target)
        return state.turns.count > 1 ? state.turns.removeFirst() : state.turns[0]
      }
      return turn(request)
    }
  }

  private static func stream(
    _ frames: [String], thenSilent: Bool = false
  ) -> @Sendable (HTTPRequest) -> HTTPResponse {
    { _ in
      HTTPResponse(
        fields: ["Content-Type": "text/event-stream;charset=utf-8"],
        body: .stream { writer in
          for frame in frames { try await writer.write(frame) }
          if thenSilent { try await Task.sleep(for: .seconds(3600)) }
        })
    }
  }

  private static let attached = "event: event_stream_attached\r\ndata: {}\r\n\r\n"

  private static func terminated(_ app: String) -> String {
    "event: app_terminated_event\r\ndata: {\"appId\":\"\(app)\"}\r\n\r\n"
  }

  private func withStream(
    _ turns: [@Sendable (HTTPRequest) -> HTTPResponse], types: [String] = [], silence: Duration = .seconds(30),
    _ body: (inout MarathonEventStream.AsyncIterator, Script) async throws -> Void
  ) async throws {
    let script = Script(turns)
    let server = HTTPServer { script.answer($0) }
    try server.start()
    let client = MarathonClient(
      MarathonClient.Configuration(
        endpoints: try MarathonEndpoints(parsing: ["http://127.0.0.1:\(server.port)"]),
        events: MarathonEventStream.Settings(silenceLimit: silence, seed: 1)),
      http: HTTPClient(), time: time)
    var events = client.events(types).makeAsyncIterator()
    try await body(&events, script)
    await server.stop()
  }

  private func expectNext(
    _ events: inout MarathonEventStream.AsyncIterator, _ expected: MarathonEventStream.Element,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let element = try await events.next()
    #expect(element == expected, sourceLocation: sourceLocation)
  }

  /// The next element, when it comes only after a pause.
  private func nextAfterPause(
    _ events: inout MarathonEventStream.AsyncIterator
  ) async throws -> MarathonEventStream.Element? {
    async let moved: Void = { [time] in
      await time.waitForSleepers()
      time.advance(by: .seconds(60))
    }()
    let element = try await events.next()
    await moved
    return element
  }

  @Test func eventsAndReconnects() async throws {
    let turns = [
      Self.stream([Self.attached, "\r\n", Self.terminated("/a")]),
      Self.stream([Self.terminated("/b")], thenSilent: true),
    ]
    try await withStream(turns, types: ["app_terminated_event", "x y"]) { events, script in
      try await expectNext(&events, .connected)
      try await expectNext(&events, .event(.streamAttached))
      try await expectNext(&events, .event(.appTerminated(appID: "/a")))
      try await expectNext(&events, .disconnected(reason: "Marathon closed the event stream"))
      let next = try await nextAfterPause(&events)
      #expect(next == .connected)
      try await expectNext(&events, .event(.appTerminated(appID: "/b")))
      let target = "/v2/events?plan-format=light&event_type=app_terminated_event&event_type=x%20y"
      #expect(script.targets == [target, target])
    }
  }

  @Test(arguments: [401, 404, 405, 500, 503])
  func aRefusedStreamIsUnavailableUntilItIsNot(status: Int) async throws {
    let turns: [@Sendable (HTTPRequest) -> HTTPResponse] = [
      { _ in .text("<html>no</html>", status: status) }, { _ in .json("{}") }, Self.stream([], thenSilent: true),
    ]
    try await withStream(turns) { events, _ in
      guard case .unavailable(let reason) = try await events.next() else {
        Issue.record("not unavailable")
        return
      }
      #expect(reason.contains("status \(status)"))
      guard case .unavailable(let other) = try await nextAfterPause(&events) else {
        Issue.record("JSON was taken for a stream")
        return
      }
      #expect(other.contains("application/json"))
      let next = try await nextAfterPause(&events)
      #expect(next == .connected)
    }
  }

  @Test func silenceIsABrokenConnection() async throws {
    let turns = [Self.stream([Self.attached], thenSilent: true)]
    try await withStream(turns, silence: .milliseconds(100)) { events, _ in
      try await expectNext(&events, .connected)
      try await expectNext(&events, .event(.streamAttached))
      guard case .disconnected(let reason) = try await events.next() else {
        Issue.record("the silence was not noticed")
        return
      }
      #expect(reason.contains("no byte came for 0.1 seconds"))
    }
  }

  @Test func nobodyThereIsUnavailableToo() async throws {
    let client = try MarathonClient(endpoints: ["http://127.0.0.1:1"], httpClient: HTTPClient(), time: time)
    var events = client.events().makeAsyncIterator()
    var element = try await events.next()
    for _ in 0..<3 {
      guard case .unavailable(let reason) = element else {
        Issue.record("not unavailable")
        return
      }
      #expect(reason.contains("connection refused"))
      element = try await nextAfterPause(&events)
    }
  }

  @Test func cancelEndsReadingAndWaiting() async throws {
    try await withStream([Self.stream([], thenSilent: true)]) { events, _ in
      try await expectNext(&events, .connected)
      let started = events
      let code = await Self.codeWhenCancelled { [started] in
        var events = started
        _ = try await events.next()
      }
      #expect(code == .cancelled)
    }
    let client = try MarathonClient(endpoints: ["http://127.0.0.1:1"], httpClient: HTTPClient(), time: time)
    let code = await Self.codeWhenCancelled { for try await _ in client.events() {} }
    #expect(code == .cancelled)
  }

  private static func codeWhenCancelled(_ body: @escaping @Sendable () async throws -> Void) async -> MarathonError
    .Code?
  {
    await withTaskGroup(of: MarathonError.Code?.self) { group in
      group.addTask {
        do {
          try await body()
          return nil
        } catch {
          return (error as? MarathonError)?.code
        }
      }
      group.addTask {
        try? await Task.sleep(for: .milliseconds(30))
        return nil
      }
      _ = await group.next()
      group.cancelAll()
      return await group.next() ?? nil
    }
  }
}
