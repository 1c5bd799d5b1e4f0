import Concurrency
import Engine
import HTTPServer
import HTTPTypes
import StackAPI

/// Why a stream is broken off.
private struct ServerStops: Error {}

extension JSONAPI {
  private static let followInterval = Duration.milliseconds(500)

  /// What a run's hooks and the tasks of its applications and of those that its scripts work on have written, as text.
  /// `application` names one; `stream` is `stdout` or `stderr` (left out: both); `follow` goes on until the caller leaves,
  /// the server stops, or nothing can be written any more.
  @Sendable func runLogs(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check(for: try runID(of: call))
    let asked = APILogRequest(application: call.request.query["application"], stream: call.request.query["stream"])
    let follows = try flag("follow", of: call)
    let reader = try await logReader(asked, of: call, follows: follows, output: .text(LogHeadings()))
    return HTTPResponse(
      fields: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"],
      body: .stream { writer in try await copy(reader, follows: follows, to: writer) })
  }

  /// The same as it is written, in pieces that say where each log goes on: with these a caller comes back after a break,
  /// to this server or the next one.
  @Sendable func followLogs(_ call: Call) async throws -> HTTPResponse {
    try services.gate.check(for: try runID(of: call))
    let asked = try await optionalBody(APILogRequest.self, of: call)
    let reader = try await logReader(asked, of: call, follows: true, output: .messages)
    let pulse = services.pulse
    return HTTPResponse(
      fields: ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
      body: .stream { writer in
        try await writer.write(Pulse.comment)
        let beat = pulse.begin(writer)
        defer { pulse.end(beat) }
        try await copy(reader, follows: true, to: writer)
      })
  }

  private func logReader(
    _ asked: APILogRequest, of call: Call, follows: Bool, output: LogOutput
  ) async throws -> RunLogReader {
    let status = try await services.engine.status(try runID(of: call))
    var streams: [TaskLogStream] = [.output, .error]
    if let name = asked.stream, !name.isEmpty {
      guard let stream = TaskLogStream(rawValue: name) else {
        throw Refusal.badRequest("stream is stdout or stderr, not \"\(name)\"")
      }
      streams = [stream]
    }
    var application: String?
    if let name = asked.application, !name.isEmpty {
      let applications = LoggedApplication.all(of: status)
      guard applications.contains(where: { $0.isMeant(by: name) }) else {
        let titles = applications.map(\.title).joined(separator: ", ")
        throw Refusal.notFound("run \(status.id) has no application \(name); it has \(titles)")
      }
      application = name
    }
    let positions = asked.positions ?? [:]
    if let (source, position) = positions.first(where: { $0.value < 0 }) {
      throw Refusal.badRequest("a position is a number from 0 on, not \(position) as that of \"\(source)\"")
    }
    return RunLogReader(
      services: services, status: status, application: application, streams: streams, follows: follows,
      positions: positions, output: output)
  }

  private func copy(_ reader: RunLogReader, follows: Bool, to writer: HTTPResponseWriter) async throws {
    var reader = reader
    try await reader.copyNew(to: writer)
    guard follows else { return }
    while services.gate.state == .serving, reader.mayGrow {
      try await services.time.sleep(for: Self.followInterval)
      try await reader.copyNew(to: writer)
    }
    // A stream that is broken off is not taken for one that is over.
    if reader.mayGrow { throw ServerStops() }
    try await reader.end(writer)
  }
}
