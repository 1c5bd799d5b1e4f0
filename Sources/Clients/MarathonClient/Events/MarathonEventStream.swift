import Concurrency
import HTTPClient
import HTTPTypes

/// Marathon's events, over as many connections as it takes. It never ends by itself and throws only
/// ``MarathonError/Code/cancelled``.
///
/// Events between two connections are lost: after every ``Element/connected`` look at the world anew. While the stream
/// is ``Element/unavailable(reason:)`` or ``Element/disconnected(reason:)``, poll.
package struct MarathonEventStream: AsyncSequence, Sendable {
  package enum Element: Sendable, Hashable {
    /// A stream is open; what happened before it is not in it.
    case connected
    case event(MarathonEvent)
    case disconnected(reason: String)
    /// No stream could be opened; it will be tried again, ever more slowly.
    case unavailable(reason: String)
  }

  package typealias Failure = MarathonError

  package struct Settings: Sendable, Hashable {
    /// Marathon sends an empty line every 10 seconds, so a stream without a byte for this long is broken.
    package var silenceLimit: Duration
    /// Before connecting again after a lost connection.
    package var firstPause: Duration
    package var longestPause: Duration
    /// Before trying again where the answer was not a stream.
    package var firstPauseAfterRefusal: Duration
    package var longestPauseAfterRefusal: Duration
    /// See ``EventStreamState``.
    package var goodLife: Duration
    /// Of the jitter.
    package var seed: UInt64

    package init(
      silenceLimit: Duration = .seconds(30), firstPause: Duration = .milliseconds(500),
      longestPause: Duration = .seconds(30), firstPauseAfterRefusal: Duration = .seconds(5),
      longestPauseAfterRefusal: Duration = .seconds(60), goodLife: Duration = .seconds(20),
      seed: UInt64 = .random(in: 0 ... .max)
    ) {
      self.silenceLimit = silenceLimit
      self.firstPause = firstPause
      self.longestPause = longestPause
      self.firstPauseAfterRefusal = firstPauseAfterRefusal
      self.longestPauseAfterRefusal = longestPauseAfterRefusal
      self.goodLife = goodLife
      self.seed = seed
    }
  }

  let client: MarathonClient
  let types: [String]
  let kept: Set<String>?

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(client, types, kept) }

  /// Performs what ``EventStreamState`` decides, in the reader's own task: whoever does not read, does not connect.
  package struct AsyncIterator: AsyncIteratorProtocol {
    package typealias Failure = MarathonError

    private let client: MarathonClient
    private let types: [String]
    private let kept: Set<String>?
    private var state: EventStreamState
    private var action: EventStreamState.Action
    private var chunks: HTTPClientBody.AsyncIterator?
    private var decoder = ServerSentEventDecoder()
    private var ready: [MarathonEvent] = []
    private var openedAt: Duration

    init(_ client: MarathonClient, _ types: [String], _ kept: Set<String>?) {
      self.client = client
      self.types = types
      self.kept = kept
      state = EventStreamState(client.configuration.events)
      action = state.handle(.started)
      openedAt = client.time.uptime()
    }

    package mutating func next() async throws(MarathonError) -> Element? {
      while true {
        switch action {
        case .yield(let notice, let after):
          action = after
          switch notice {
          case .connected: return .connected
          case .disconnected(let reason): return .disconnected(reason: reason)
          case .unavailable(let reason): return .unavailable(reason: reason)
          }
        case .connect:
          action = state.handle(try await connect())
        case .wait(let pause):
          do {
            try await client.time.sleep(for: pause)
          } catch {
            throw Self.cancelled
          }
          action = state.handle(.waited)
        case .read:
          // Reversed when it was filled, so that the first is taken from the end.
          if let event = ready.popLast() { return .event(event) }
          if let end = try await read() { action = state.handle(end) }
        }
      }
    }

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(MarathonError) -> Element? {
      try await next()
    }

    private static var cancelled: MarathonError {
      MarathonError(.cancelled, request: "GET /v2/events", message: "cancelled")
    }
  }
}

// MARK: The connection
extension MarathonEventStream.AsyncIterator {
  /// Tries each endpoint once.
  private mutating func connect() async throws(MarathonError) -> EventStreamState.Event {
    var outcome = EventStreamState.Event.unreachable(reason: "no endpoint")
    for index in client.choice.withLock({ $0.order }) {
      do {
        let response = try await client.http.send(request(client.configuration.endpoints.urls[index]))
        client.choice.withLock { $0.succeeded(index) }
        return await open(response)
      } catch {
        if error.code == .cancelled { throw Self.cancelled }
        client.choice.withLock { $0.failed(index) }
        outcome = .unreachable(reason: error.message)
      }
    }
    return outcome
  }

  private func request(_ endpoint: String) -> HTTPClientRequest {
    var query: QueryItems = ["plan-format": "light"]
    for type in types { query.append("event_type", type) }
    let configuration = client.configuration
    var request = HTTPClientRequest(
      url: "\(endpoint)/v2/events?\(query.text)", connectTimeout: configuration.connectTimeout, timeout: nil,
      idleTimeout: configuration.events.silenceLimit, basicAuthorization: client.credentials)
    request.fields["Accept"] = "text/event-stream"
    return request
  }

  private mutating func open(_ response: HTTPClientResponse) async -> EventStreamState.Event {
    let type = response.fields["Content-Type"]?.prefix { $0 != ";" }.lowercased()
    guard response.status == 200, type == "text/event-stream" else {
      let body = (try? await response.collect(upTo: 64 << 10)) ?? []
      let answer = MarathonAnswer(
        request: "GET /v2/events", status: response.status, fields: response.fields, body: body)
      return .refused(reason: MarathonError(answer: answer).description)
    }
    chunks = response.body.makeAsyncIterator()
    decoder = ServerSentEventDecoder(limit: client.configuration.answerLimit)
    openedAt = client.time.uptime()
    return .opened
  }

  /// A message that does not say what it is has to be read.
  private func isKept(_ message: ServerSentEvent) -> Bool {
    guard let kept, let name = message.event else { return true }
    return kept.contains(name)
  }

  /// The end of the stream if it came; else there are events, or it is to be called again.
  private mutating func read() async throws(MarathonError) -> EventStreamState.Event? {
    let reason: String
    do {
      if let chunk = try await chunks?.next() {
        let messages = try decoder.feed(chunk)
        ready = messages.reversed().filter(isKept).map { MarathonEvent($0) }
        return nil
      }
      reason = "Marathon closed the event stream"
    } catch let error as HTTPClientError {
      if error.code == .cancelled { throw Self.cancelled }
      reason = error.message
    } catch {
      reason = "\(error)"
    }
    chunks = nil
    return .ended(reason: reason, after: client.time.uptime() - openedAt)
  }
}
