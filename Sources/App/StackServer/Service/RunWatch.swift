import Engine
import StackAPI
import Store

/// Waits for runs.
struct RunWatch: Sendable {
  let engine: Engine

  /// Returns when the run is over or needs a person.
  /// - Throws: `Refusal` 503 with the run's number when the server stops before that; `EngineError`, `CancellationError`.
  func waitUntilSettled(_ id: RunID) async throws -> RunStatus {
    do {
      return try await engine.waitUntilSettled(id)
    } catch let error as EngineError where error.code == .unavailable {
      throw Self.stopping(id)
    }
  }

  private static func stopping(_ id: RunID) -> Refusal {
    Refusal(
      503,
      APIError(
        .unavailable,
        "the server stops; run \(id) goes on when it is started again: stack-deploy status \(id)"))
  }
}

extension Services {
  var runWatch: RunWatch { RunWatch(engine: engine) }
}
