import HTTPServer
import HTTPTypes
import JSON
import StackAPI

/// A piece of one log.
struct LogPiece: Sendable {
  /// Names the log, also for the next server.
  var source: String
  /// Whose log it is; nil for a sentence about a log that is not here.
  var heading: String?
  /// Never empty.
  var bytes: [UInt8]
  /// Where the log goes on behind it.
  var next: Int
}

/// How pieces of logs are written.
enum LogOutput: Sendable {
  /// As one text, byte by byte as they are.
  case text(LogHeadings)
  /// As server-sent events, from which a client can tell how far it has come.
  case messages

  mutating func write(_ piece: LogPiece, to writer: HTTPResponseWriter) async throws {
    switch self {
    case .text(var headings):
      let heading = headings.text(before: piece.heading, endsLine: piece.bytes.last == UInt8(ascii: "\n"))
      self = .text(headings)
      if !heading.isEmpty { try await writer.write(heading) }
      try await writer.write(piece.bytes)
    case .messages:
      let message = APILogPiece(
        source: piece.source, heading: piece.heading, text: String(decoding: piece.bytes, as: UTF8.self),
        next: piece.next)
      try await writer.write(
        ServerSentEvent(event: APILogPiece.eventName, data: try JSON(encoding: message).text).bytes)
    }
  }

  /// Nothing more will come.
  func end(_ writer: HTTPResponseWriter) async throws {
    guard case .messages = self else { return }
    try await writer.write(ServerSentEvent(event: APILogPiece.endEventName, data: "{}").bytes)
  }
}
