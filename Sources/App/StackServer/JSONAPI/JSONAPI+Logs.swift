import Concurrency
import Engine
import HTTPServer
import HTTPTypes
import StackAPI

/// Why a stream is broken off.
private struct ServerStops: Error {}

extension JSONAPI {
  private static let followInterval = Duration.milliseconds(500)

  /// What a run's hooks and its applications' tasks have written, as text. `application` names one; `stream` is `stdout`
  /// or `stderr` (left out: both); `follow` goes on until the caller leaves, the server stops, or nothing can be written
  /// any more.
  @Sendable func runLogs(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check()
    let status = try await services.engine.status(try runID(of: call))
    var streams: [TaskLogStream] = [.output, .error]
    if let name = call.request.query["stream"], !name.isEmpty {
      guard let stream = TaskLogStream(rawValue: name) else {
        throw Refusal.badRequest("stream is stdout or stderr, not \"\(name)\"")
      }
      streams = [stream]
    }
    var application: String?
    if let name = call.request.query["application"], !name.isEmpty {
      let applications = status.applications.map(\.id)
      guard applications.contains(name) else {
        throw Refusal.notFound(
          "run \(status.id) has no application \(name); it has \(applications.joined(separator: ", "))")
      }
      application = name
    }
    let follows = try flag("follow", of: call)
    let reader = RunLogReader(
      services: services, status: status, application: application, streams: streams, follows: follows)
    let time = services.time
    let gate = services.gate
    return HTTPResponse(
      fields: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"],
      body: .stream { writer in
        var reader = reader
        try await reader.copyNew(to: writer)
        while follows, gate.state == .serving, reader.mayGrow {
          try await time.sleep(for: Self.followInterval)
          try await reader.copyNew(to: writer)
        }
        // A stream that is broken off is not taken for one that is over.
        if follows, reader.mayGrow { throw ServerStops() }
      })
  }
}
