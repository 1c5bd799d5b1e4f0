import Engine
import JSON
import StackAPI
import Store

/// Waits for runs.
struct RunWatch: Sendable {
  let engine: Engine

  /// Returns when the run is over or needs a person.
  /// - Throws: `Refusal` 503 with the run's number when the server stops before that; `EngineError`, `CancellationError`.
  func waitUntilSettled(_ id: RunID) async throws -> RunStatus {
    do {
      for try await event in try await engine.events(id) {
        guard event.kind == .runState else { continue }
        let isBlocked = event.data["state"]?.stringValue == RunRecord.State.blocked.rawValue
        guard event.isFinal || isBlocked else { continue }
        // A later event may have unblocked it already: then it goes on.
        let status = try await engine.status(id)
        if status.state.isFinal || status.state == .blocked { return status }
      }
    } catch let error as EngineError where error.code == .unavailable {
      throw Self.stopping(id)
    }
    let status = try await engine.status(id)
    guard status.state.isFinal else { throw Self.stopping(id) }
    return status
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
