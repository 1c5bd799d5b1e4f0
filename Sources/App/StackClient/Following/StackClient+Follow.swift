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
    var patience = Patience(limit: patience)
    var contact = contact
    while true {
      let reason: String
      do throws(StackClientError) {
        let response = try await openEvents(of: run, after: position.sequence)
        contact = .made
        if patience.found() { await receive(.reconnected) }
        let isOver = try await events(in: response) { event in
          guard position.accepts(event.sequence) else { return }
          patience.progressed()
          await receive(.event(event))
        }
        if isOver { return }
        reason = "the server ended the stream of events"
      } catch {
        guard error.isTemporary, contact == .made else { throw error }
        guard !patience.isOver(at: time.uptime()) else { throw error }
        reason = error.message
      }
      if patience.lost(at: time.uptime()) { await receive(.disconnected(reason: reason)) }
      try await time.pause(for: patience.nextPause())
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

  private func openEvents(
    of run: Int64, after sequence: Int64
  ) async throws(StackClientError) -> HTTPClientResponse {
    var request = HTTPClientRequest(url: url(.runEvents, [String(run)], QueryItems()))
    request.fields["Accept"] = "text/event-stream"
    request.fields["Last-Event-ID"] = String(sequence)
    request.timeout = nil
    // The server sends a heartbeat at least every 15 s.
    request.idleTimeout = .seconds(60)
    let response = try await open(request)
    guard response.status == 200 else {
      let answer = try await collect(response)
      throw refusal(try? JSON(parsing: answer.body), status: answer.status)
    }
    return response
  }

  /// - Returns: whether the final event came.
  private func events(
    in response: HTTPClientResponse, _ receive: (APIEvent) async -> Void
  ) async throws(StackClientError) -> Bool {
    var decoder = ServerSentEventDecoder()
    do {
      for try await bytes in response.body {
        for message in try decoder.feed(bytes) {
          guard let event = try message.data.map({ try JSON(parsing: $0).decode(APIEvent.self) }) else { continue }
          await receive(event)
          if event.final { return true }
        }
      }
    } catch let error as HTTPClientError {
      throw StackClientError(error, address: address)
    } catch is CancellationError {
      throw StackClientError(.cancelled, "the call was given up")
    } catch {
      throw StackClientError(.unexpectedAnswer, "\(address) sent an event that is not understood: \(error)")
    }
    return false
  }
}

extension StackClientError {
  /// Whether the same call may succeed when the server, or what stands before it, is up again.
  fileprivate var isTemporary: Bool {
    code == .unreachable || status.map { [502, 503, 504].contains($0) } == true
  }
}

extension TimeSource {
  fileprivate func pause(for duration: Duration) async throws(StackClientError) {
    do {
      try await sleep(for: duration)
    } catch {
      throw StackClientError(.cancelled, "the call was given up")
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
