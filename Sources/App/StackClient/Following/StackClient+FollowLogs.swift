package import Concurrency
import HTTPClient
import HTTPTypes
import JSON
package import StackAPI

extension StackClient {
  /// What a follower of logs is told.
  package enum LogFollowing: Sendable {
    /// What was written, with headings that say in which log.
    case text(String)
    /// The server cannot be reached or has stopped; it is asked again.
    case disconnected(reason: String)
    case reconnected
  }

  /// Tells what hooks and tasks of a run have written and what they go on to write, until nothing can be written any more.
  /// A broken connection or a server that restarts is waited for, each time at most `patience` until it is connected again;
  /// then every log goes on where it was.
  /// - Parameter asked: which logs.
  /// - Throws: what the server refuses, and `.unreachable` after the patience is over, or at once at the first contact.
  package func followLogs(
    of run: Int64, _ asked: APILogRequest, patience: Duration = usualPatience, time: any TimeSource = SystemTime(),
    _ receive: (LogFollowing) async -> Void
  ) async throws(StackClientError) {
    var asked = asked
    var headings = LogHeadings()
    try await stayConnected(contact: .first, patience: patience, time: time) { interruption in
      switch interruption {
      case .disconnected(let reason): await receive(.disconnected(reason: reason))
      case .reconnected: await receive(.reconnected)
      }
    } open: { () throws(StackClientError) in
      try self.request(.followLogs, [String(run)], body: asked)
    } read: { message in
      if message.event == APILogPiece.endEventName { return .last }
      guard message.event == APILogPiece.eventName, let data = message.data else { return .nothingNew }
      let piece = try JSON(parsing: data).decode(APILogPiece.self)
      asked.positions = (asked.positions ?? [:]).merging([piece.source: piece.next]) { $1 }
      if piece.text.isEmpty { return .progress }
      let heading = headings.text(before: piece.heading, endsLine: piece.text.utf8.last == UInt8(ascii: "\n"))
      await receive(.text(heading + piece.text))
      return .progress
    }
  }
}
