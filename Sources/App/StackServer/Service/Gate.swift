import Concurrency
import StackAPI
import Store

/// Whether the server serves: it listens before it is ready, and still answers when it has begun to stop.
final class Gate: Sendable {
  enum State: Sendable, Equatable {
    case starting
    /// A run has to end well before anything else is served; what it does at the moment, for people.
    case bootstrapping(RunID, String)
    case serving
    case stopping
  }

  private let current = Locked(State.starting)

  var state: State { current.withLock { $0 } }

  /// A server that stops does nothing else any more.
  func enter(_ state: State) {
    current.withLock { if $0 != .stopping { $0 = state } }
  }

  /// - Parameter run: the only one that is asked for. While it is what the others wait for, it is shown, and decided on.
  /// - Throws: `Refusal` 503 unless the server serves.
  func check(for run: RunID? = nil) throws {
    switch state {
    case .serving: break
    case .starting: throw Refusal(503, .init(.unavailable, "the server is starting; try again in a moment"))
    case .bootstrapping(let first, let progress):
      if run == first { return }
      var refusal = Refusal(
        503,
        APIError(
          .unavailable,
          "the server serves as soon as run \(first) has brought its bootstrap stack up: \(progress); "
            + "stack-deploy status \(first) shows it"))
      refusal.retryAfter = 5
      throw refusal
    case .stopping: throw Refusal(503, .init(.unavailable, "the server stops"))
    }
  }
}
