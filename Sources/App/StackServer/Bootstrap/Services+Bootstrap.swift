import Concurrency
import Engine
import StackModel
import Store
import Telemetry

extension Services {
  private static let logger = Logger("bootstrap")

  /// Follows the run that has to succeed before the server serves: tells the log and those who ask what it does.
  /// - Returns: false where the server stops before the run is over; the next one goes on with it.
  /// - Throws: `BootstrapError` where the run fails or is cancelled; `EngineError`, `StoreError`, `CancellationError`.
  func hasBroughtUp(_ begun: Bootstrap.Begun) async throws -> Bool {
    let run = begun.run
    for former in begun.former {
      do throws(EngineError) {
        try await engine.cancel(former, by: Bootstrap.user)
        Self.logger.warning(
          "the bootstrap stack has changed: its former run is cancelled", ["former": "\(former)", "run": "\(run)"])
      } catch {
        // It may have come to its end meanwhile.
        guard error.code == .conflict else { throw error }
      }
    }
    for try await event in try await engine.events(run, after: try await engine.status(run).sequence) {
      let status = try await engine.status(run)
      gate.enter(.bootstrapping(run, status.progress))
      log(event, status)
    }
    let status = try await engine.status(run)
    switch status.state {
    case .succeeded:
      Self.logger.info("the bootstrap stack is up", ["stack": status.stack, "run": "\(run)"])
      return true
    case .failed:
      throw BootstrapError(
        .failed,
        "the bootstrap stack \(status.stack) is not up: run \(run) has failed: \(status.failure?.withLog ?? "")")
    case .cancelled:
      throw BootstrapError(.failed, "the bootstrap stack \(status.stack) is not up: run \(run) was cancelled")
    case .queued, .running, .blocked: return false
    }
  }

  private func log(_ event: RunEvent, _ status: RunStatus) {
    let run = "\(event.run)"
    let text = [event.application, event.step, event.sentence].compactMap { $0 }.joined(separator: ": ")
    switch event.kind {
    case .runState where status.state == .blocked:
      Self.logger.warning("the bootstrap stack waits for a decision: \(status.progress)", ["run": run])
    // Of passing reasons for waiting there may be very many.
    case .applicationState, .runState: Self.logger.info(text, ["run": run])
    case .waiting where event.sequence != nil: Self.logger.info(text, ["run": run])
    default: Self.logger.debug(text, ["run": run])
    }
  }
}

extension RunStatus {
  /// What it does or waits for at the moment, in one sentence.
  fileprivate var progress: String {
    if state == .blocked {
      return "it is blocked (\(failure?.reason ?? "a person has to decide")); "
        + "stack-deploy resume \(id) --retry-step or --skip-step decides"
    }
    if let waiting { return waiting.sentence }
    let busy = applications.filter { $0.state == .running }
    guard let first = busy.first else { return state.rawValue }
    return "\(first.id): \(first.sentence)" + (busy.count > 1 ? ", and \(busy.count - 1) more" : "")
  }
}

extension RunFailure {
  /// With the end of the log that goes with it.
  fileprivate var withLog: String {
    description + (logTail ?? "").split(separator: "\n").map { "\n  | \($0)" }.joined()
  }
}
