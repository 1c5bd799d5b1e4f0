/// Decides when an event stream connects, waits, and what it tells its reader. No clock and no I/O: the driver
/// (``MarathonEventStream/AsyncIterator``) performs what is returned and reports back what came of it.
package struct EventStreamState: Sendable {
  package enum Action: Equatable, Sendable {
    case connect
    /// Then report ``Event/waited``.
    case wait(Duration)
    /// Read on; report what comes.
    case read
    /// Give this to the reader first, then go on with the action after it.
    indirect case yield(Notice, then: Action)
  }

  package enum Notice: Equatable, Sendable {
    case connected
    case disconnected(reason: String)
    case unavailable(reason: String)
  }

  package enum Event: Sendable {
    case started
    case opened
    /// There is an answer, but no stream: Marathon or what stands before it does not give one.
    case refused(reason: String)
    /// Nobody answered.
    case unreachable(reason: String)
    /// An open stream came to its end after this time.
    case ended(reason: String, after: Duration)
    case waited
  }

  private enum Phase {
    case idle, connecting, streaming, waiting
  }

  /// A stream that lived this long was a good one: the next pause is a short one again.
  private let goodLife: Duration
  private var lost: Backoff
  private var refusal: Backoff
  private var random: SeededRandom
  private var phase = Phase.idle

  package init(_ settings: MarathonEventStream.Settings) {
    lost = Backoff(first: settings.firstPause, longest: settings.longestPause)
    refusal = Backoff(first: settings.firstPauseAfterRefusal, longest: settings.longestPauseAfterRefusal)
    random = SeededRandom(seed: settings.seed)
    goodLife = settings.goodLife
  }

  package mutating func handle(_ event: Event) -> Action {
    switch (event, phase) {
    case (.started, .idle), (.waited, .waiting):
      phase = .connecting
      return .connect
    case (.opened, .connecting):
      phase = .streaming
      refusal.reset()
      return .yield(.connected, then: .read)
    case (.refused(let reason), .connecting):
      phase = .waiting
      return .yield(.unavailable(reason: reason), then: .wait(refusal.pause(using: &random)))
    case (.unreachable(let reason), .connecting):
      phase = .waiting
      return .yield(.unavailable(reason: reason), then: .wait(lost.pause(using: &random)))
    case (.ended(let reason, let lifetime), .streaming):
      phase = .waiting
      if lifetime >= goodLife { lost.reset() }
      return .yield(.disconnected(reason: reason), then: .wait(lost.pause(using: &random)))
    default:
      preconditionFailure("the event stream's driver reported \(event) while \(phase)")
    }
  }
}
