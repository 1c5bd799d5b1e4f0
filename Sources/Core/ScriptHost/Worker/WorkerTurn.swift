import Concurrency

/// Whether the host waits for the worker or the worker for the host, for a watch that ends a worker that keeps its turn.
///
/// A turn only notes that it begins or ends, so that no call starts a timer. The watch looks now and then, and counts how often it has met the
/// same turn. So a machine that slept or a host that stood still is not held against the script: each counts as one look.
final class WorkerTurn: Sendable {
  private struct State {
    var isWorkers = false
    /// At this turn.
    var looks = 0
  }

  /// Looks at one turn that are too many.
  private static let most = 9

  private let state = Locked(State())

  func begin() { state.withLock { $0 = State(isWorkers: true) } }

  func end() { state.withLock { $0.isWorkers = false } }

  /// Goes on with the turn that was ended last.
  func resume() { state.withLock { $0.isWorkers = true } }

  /// Returns when a turn has lasted for longer than allowed, by no more than an eighth.
  /// - Throws: `CancellationError`
  func waitUntilOver(_ limit: Duration) async throws {
    let pause = max(limit / (Self.most - 1), .milliseconds(1))
    repeat { try await Task.sleep(for: pause) } while !isOverAtThisLook()
  }

  private func isOverAtThisLook() -> Bool {
    state.withLock { state in
      guard state.isWorkers else { return false }
      state.looks += 1
      return state.looks >= Self.most
    }
  }
}
