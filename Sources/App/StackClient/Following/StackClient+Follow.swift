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

  /// Tells every event of a run after `sequence`, each with a sequence once and in order, until the final one. A broken
  /// connection or a server that restarts is waited for, at most `patience` without an answer.
  /// - Throws: what the server refuses, and `.unreachable` after the patience is over.
  package func follow(
    _ run: Int64, after sequence: Int64 = 0, patience: Duration = .seconds(300), time: any TimeSource = SystemTime(),
    _ receive: (Following) async -> Void
  ) async throws(StackClientError) {
    var position = FollowPosition(sequence: sequence)
    var backoff = ReconnectBackoff()
    var lostSince: Timestamp?
    while true {
      do throws(StackClientError) {
        let isOver = try await followOnce(run, &position) { following in
          if case .event = following, lostSince != nil {
            lostSince = nil
            backoff = ReconnectBackoff()
            await receive(.reconnected)
          }
          await receive(following)
        }
        if isOver { return }
        if lostSince == nil { await receive(.disconnected(reason: "the server ended the stream of events")) }
      } catch {
        let isTemporary = error.code == .unreachable || error.status == 503 || error.status == 502
        guard isTemporary else { throw error }
        let since = lostSince ?? time.now()
        if time.now() - since > patience { throw error }
        if lostSince == nil { await receive(.disconnected(reason: error.message)) }
      }
      lostSince = lostSince ?? time.now()
      do {
        try await time.sleep(for: backoff.next())
      } catch {
        throw StackClientError(.cancelled, "the call was given up")
      }
    }
  }

  /// - Returns: whether the final event came.
  private func followOnce(
    _ run: Int64, _ position: inout FollowPosition, _ receive: (Following) async -> Void
  ) async throws(StackClientError) -> Bool {
    var request = HTTPClientRequest(url: url(.runEvents, [String(run)], QueryItems()))
    request.fields["Accept"] = "text/event-stream"
    request.fields["Last-Event-ID"] = String(position.sequence)
    request.timeout = nil
    // The server sends a heartbeat at least every 15 s.
    request.idleTimeout = .seconds(60)
    let response = try await open(request)
    guard response.status == 200 else {
      let answer = try await collect(response)
      throw refusal(try? JSON(parsing: answer.body), status: answer.status)
    }
    var decoder = ServerSentEventDecoder()
    do {
      for try await bytes in response.body {
        for message in try decoder.feed(bytes) {
          guard let event = try message.data.map({ try JSON(parsing: $0).decode(APIEvent.self) }) else { continue }
          guard position.accepts(event.sequence) else { continue }
          await receive(.event(event))
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

/// 100 ms, doubled up to 5 s.
struct ReconnectBackoff {
  private var pause = Duration.milliseconds(100)

  mutating func next() -> Duration {
    defer { pause = min(pause * 2, .seconds(5)) }
    return pause
  }
}
