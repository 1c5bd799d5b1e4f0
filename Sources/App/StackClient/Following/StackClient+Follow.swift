package import Concurrency
import HTTPClient
import HTTPTypes
import JSON
package import StackAPI

extension StackClient {
  /// What a follower of a run is told.
  package enum Following: Sendable {
    case event(APIEvent)
    /// The server cannot be reached or has stopped; it is asked again.
    case disconnected(reason: String)
    case reconnected
  }

  /// Whether the server has already answered the one who begins to follow.
  package enum Contact: Sendable {
    /// No: a server that is not there is an error at once.
    case first
    /// Yes, just before: a server that is not there is about to come back.
    case made
  }

  /// How long a server that was there may be away.
  package static let usualPatience = Duration.seconds(300)

  /// Tells every event of a run after `sequence`, each with a sequence once and in order, until the final one. A broken
  /// connection or a server that restarts is waited for, each time at most `patience` until it is connected again.
  /// - Throws: what the server refuses, and `.unreachable` after the patience is over, or at once at the first contact.
  package func follow(
    _ run: Int64, after sequence: Int64 = 0, contact: Contact, patience: Duration = usualPatience,
    time: any TimeSource = SystemTime(), _ receive: (Following) async -> Void
  ) async throws(StackClientError) {
    var position = FollowPosition(sequence: sequence)
    try await stayConnected(contact: contact, patience: patience, time: time) { interruption in
      switch interruption {
      case .disconnected(let reason): await receive(.disconnected(reason: reason))
      case .reconnected: await receive(.reconnected)
      }
    } open: {
      var request = HTTPClientRequest(url: url(.runEvents, [String(run)], QueryItems()))
      request.fields["Last-Event-ID"] = String(position.sequence)
      return request
    } read: { message in
      guard let event = try message.data.map({ try JSON(parsing: $0).decode(APIEvent.self) }),
        position.accepts(event.sequence)
      else { return .nothingNew }
      await receive(.event(event))
      return event.final ? .last : .progress
    }
  }

  /// The run's status, from a server that was there and may be restarting at this moment.
  /// - Throws: what the server refuses, and `.unreachable` after the patience is over.
  package func patientRun(
    _ id: Int64, patience: Duration = usualPatience, time: any TimeSource = SystemTime()
  ) async throws(StackClientError) -> APIRunStatus {
    var patience = Patience(limit: patience)
    while true {
      do throws(StackClientError) {
        return try await run(id)
      } catch {
        guard error.isTemporary, !patience.isOver(at: time.uptime()) else { throw error }
      }
      _ = patience.lost(at: time.uptime())
      try await time.pause(for: patience.nextPause())
    }
  }
}

/// The last journaled event that was told: what comes again after a reconnect is passed over.
struct FollowPosition {
  private(set) var sequence: Int64

  init(sequence: Int64) { self.sequence = sequence }

  /// Passing notes have no sequence and are always told.
  mutating func accepts(_ next: Int64?) -> Bool {
    guard let next else { return true }
    guard next > sequence else { return false }
    sequence = next
    return true
  }
}
