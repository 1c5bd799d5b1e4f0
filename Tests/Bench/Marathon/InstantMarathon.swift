import Concurrency
import Glibc
import HTTPServer
import HTTPTypes
import JSON

/// A Marathon that does nothing: every application runs and is healthy at once, or so many milliseconds after its start
/// as its environment's `HEALTHY_AFTER_MS` says. It answers without waiting for anything and sends all events that a real
/// one (1.6) sends, in its order. What a run against it takes is what stack-deploy takes.
///
/// A process of its own (`bench marathon PORT`), so that its work is not counted as the server's.
final class InstantMarathon: Sendable {
  private struct State {
    var apps: [String: InstantApp] = [:]
    var subscribers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
    var nextSubscriber = 0
    var counter = 0
  }

  private let state = Locked(State())
  private let delayed: AsyncStream<(id: String, after: Duration)>
  private let delayedInput: AsyncStream<(id: String, after: Duration)>.Continuation

  init() {
    (delayed, delayedInput) = AsyncStream.makeStream(of: (id: String, after: Duration).self)
  }

  /// Serves until the process is ended.
  func serve(port: Int) async throws {
    let server = HTTPServer(
      .init(addresses: [.loopback(port: port)]),
      immediate: { request, _ in { body in self.answerAtOnce(request, body) } }
    ) { request in
      guard request.path == "/v2/events" else { return HTTPResponse(status: 404) }
      return self.events()
    }
    try server.start()
    await withDiscardingTaskGroup { group in
      for await (id, after) in delayed {
        group.addTask {
          try? await Task.sleep(for: after)
          self.finish(id)
        }
      }
    }
  }

  /// Everything but the event stream.
  private func answerAtOnce(_ request: HTTPRequest, _ body: [UInt8]) -> HTTPResponse? {
    let path = request.pathSegments
    switch (request.method, path.first, path.dropFirst().first) {
    case (.get, "v2", "info"): return .json(Self.info)
    case (.get, "v2", "queue"): return .json(Array(#"{"queue":[]}"#.utf8))
    case (.get, "v2", "deployments"): return .json(Array("[]".utf8))
    case (.post, "v2", "apps"): return create(body)
    case (.get, "v2", "apps"):
      guard let text = state.withLock({ $0.apps[Self.id(path)]?.text }) else { return Self.missing(Self.id(path)) }
      return .json(Array("{\"app\":\(text)}".utf8))
    case (.delete, "v2", "apps"): return destroy(Self.id(path))
    // Of this bench, not of Marathon: lets an application with a delay become healthy now.
    case (.post, "finish", _):
      finish("/" + path.dropFirst().joined(separator: "/"))
      return HTTPResponse()
    default: return nil
    }
  }

  private static let info = Array(
    #"{"name":"marathon","version":"1.6.590","frameworkId":"bench-0000","elected":true,"leader":"127.0.0.1:8080"}"#.utf8
  )

  private static func id(_ path: [String]) -> String { "/" + path.dropFirst(2).joined(separator: "/") }

  private static func missing(_ id: String) -> HTTPResponse {
    .json(Array("{\"message\":\"App '\(id)' does not exist\"}".utf8), status: 404)
  }

  private func create(_ body: [UInt8]) -> HTTPResponse {
    guard let definition = try? JSON(parsing: body), let name = definition["id"]?.stringValue else {
      return .json(Array(#"{"message":"Invalid JSON"}"#.utf8), status: 400)
    }
    let id = name.hasPrefix("/") ? name : "/" + name
    let delay = definition["env"]?["HEALTHY_AFTER_MS"]?.stringValue.flatMap { Int($0) }
    let created = state.withLock { state -> InstantApp? in
      guard state.apps[id] == nil else { return nil }
      state.counter += 1
      var app = InstantApp(id: id, definition: body, number: state.counter, now: Self.now())
      let answer = app
      if delay == nil { app.isRunning = true }
      state.apps[id] = app
      return answer
    }
    guard let created else {
      return .json(Array("{\"message\":\"An app with id [\(id)] already exists.\"}".utf8), status: 409)
    }
    publish(created.eventsOfCreation + (delay == nil ? created.eventsOfStart : ""))
    if let delay { delayedInput.yield((id, .milliseconds(delay))) }
    var response = HTTPResponse.json(Array(created.text.utf8), status: 201)
    response.fields["Location"] = "/v2/apps\(id)"
    response.fields["Marathon-Deployment-Id"] = created.deployment
    return response
  }

  private func finish(_ id: String) {
    let app = state.withLock { state -> InstantApp? in
      guard state.apps[id]?.isRunning == false else { return nil }
      state.apps[id]?.isRunning = true
      return state.apps[id]
    }
    if let app { publish(app.eventsOfStart) }
  }

  private func destroy(_ id: String) -> HTTPResponse {
    guard let app = state.withLock({ $0.apps.removeValue(forKey: id) }) else { return Self.missing(id) }
    publish(app.eventsOfEnd)
    return .json(Array("{\"version\":\"\(app.version)\",\"deploymentId\":\"\(app.deployment)\"}".utf8))
  }

  // MARK: Events

  private func events() -> HTTPResponse {
    let (stream, input) = AsyncStream.makeStream(of: [UInt8].self)
    let number = state.withLock { state in
      state.nextSubscriber += 1
      state.subscribers[state.nextSubscriber] = input
      return state.nextSubscriber
    }
    return HTTPResponse(
      fields: ["Content-Type": "text/event-stream;charset=utf-8"],
      body: .stream { writer in
        defer { self.state.withLock { $0.subscribers[number] = nil } }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            while true {
              input.yield(Array("\r\n".utf8))
              try await Task.sleep(for: .seconds(10))
            }
          }
          for await bytes in stream { try await writer.write(bytes) }
          group.cancelAll()
        }
      })
  }

  private func publish(_ text: String) {
    let bytes = Array(text.utf8)
    for subscriber in state.withLock({ Array($0.subscribers.values) }) { subscriber.yield(bytes) }
  }

  private static func now() -> String { SystemTime().now().description }
}
