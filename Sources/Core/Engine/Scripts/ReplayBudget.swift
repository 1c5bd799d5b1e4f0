import Concurrency
import StackModel

/// The CPU time that the scripts of one run use for being run again up to where they were. It is written down with the next call that a script makes,
/// so that it adds up over all servers.
final class ReplayBudget: Sendable {
  private struct State {
    var used: Duration
    /// Of that, what is not written down yet.
    var owed = Duration.zero
  }

  private let limit: Duration
  private let state: Locked<State>

  /// - Parameter used: what the journal has.
  init(limit: Duration, used: Duration) {
    self.limit = limit
    state = Locked(State(used: used))
  }

  func use(_ cpu: Duration) {
    state.withLock { state in
      state.used += cpu
      state.owed += cpu
    }
  }

  /// What is to be written down, once.
  func takeOwed() -> Duration {
    state.withLock { state in
      defer { state.owed = .zero }
      return state.owed
    }
  }

  /// Why a replay may not go on that has used so much; nil where it may.
  func excess(with cpu: Duration) -> String? {
    let used = state.withLock { $0.used } + cpu
    guard used > limit else { return nil }
    return "over the budget of \(GoDuration.text(limit)) of CPU time for running the scripts of a run again"
  }

  /// Why a script, run again, may not go on that makes a call it has made before; nil where it may. Where the journal has no figure, the budget of the
  /// script as a whole has to do.
  /// - Parameters:
  ///   - cpu: what it has used now.
  ///   - former: what it had used the first time.
  static func excess(_ cpu: Duration, before former: Duration?) -> String? {
    guard let former, cpu > former * 2 + slack else { return nil }
    return
      "over the budget for running it again: \(GoDuration.text(cpu)) of CPU time up to here, and \(GoDuration.text(former)) the first time; "
      + "twice that and \(GoDuration.text(slack)) more are allowed"
  }

  private static let slack = Duration.milliseconds(100)
}
