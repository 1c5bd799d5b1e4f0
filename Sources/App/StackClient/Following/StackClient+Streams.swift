import Concurrency
import HTTPClient
import HTTPTypes
import StackAPI

extension StackClient {
  /// What becomes of a follower's connection.
  enum Interruption: Sendable {
    case disconnected(reason: String)
    case reconnected
  }

  /// Opens a stream of messages and hands each on, until `read` says that it was the last. A broken connection or a server
  /// that restarts is waited for, each time at most `patience` until it is connected again.
  /// - Parameters:
  ///   - open: makes the request, which says how far the follower has come.
  ///   - read: takes a message; throws where it cannot be understood.
  /// - Throws: what the server refuses, and `.unreachable` after the patience is over, or at once at the first contact.
  func stayConnected(
    contact: Contact, patience: Duration, time: any TimeSource, tell: (Interruption) async -> Void,
    open request: () throws(StackClientError) -> HTTPClientRequest, read: (ServerSentEvent) async throws -> Reading
  ) async throws(StackClientError) {
    var patience = Patience(limit: patience)
    var contact = contact
    while true {
      let reason: String
      do throws(StackClientError) {
        let response = try await openMessages(try request())
        contact = .made
        if patience.found() { await tell(.reconnected) }
        let isOver = try await messages(in: response) { message in
          let reading = try await read(message)
          if reading != .nothingNew { patience.progressed() }
          return reading == .last
        }
        if isOver { return }
        reason = "the server ended the stream"
      } catch {
        guard error.isTemporary, contact == .made else { throw error }
        guard !patience.isOver(at: time.uptime()) else { throw error }
        reason = error.message
      }
      if patience.lost(at: time.uptime()) { await tell(.disconnected(reason: reason)) }
      try await time.pause(for: patience.nextPause())
    }
  }

  /// What a message was to its reader.
  enum Reading: Sendable {
    case progress
    /// It had come before.
    case nothingNew
    case last
  }

  private func openMessages(_ request: HTTPClientRequest) async throws(StackClientError) -> HTTPClientResponse {
    var request = request
    request.fields["Accept"] = "text/event-stream"
    request.timeout = nil
    // The server sends a heartbeat at least every 15 s.
    request.idleTimeout = .seconds(60)
    return try await openStream(request)
  }

  /// - Returns: whether one of them was the last.
  private func messages(
    in response: HTTPClientResponse, _ isLast: (ServerSentEvent) async throws -> Bool
  ) async throws(StackClientError) -> Bool {
    var decoder = ServerSentEventDecoder()
    do {
      for try await bytes in response.body {
        for message in try decoder.feed(bytes) where try await isLast(message) { return true }
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
  var isTemporary: Bool {
    code == .unreachable || status.map { [502, 503, 504].contains($0) } == true
  }
}

extension TimeSource {
  func pause(for duration: Duration) async throws(StackClientError) {
    do {
      try await sleep(for: duration)
    } catch {
      throw StackClientError(.cancelled, "the call was given up")
    }
  }
}
