import Concurrency

/// A script that this server runs, as the driver reaches it. While it waits for an answer without a worker there is nothing else of it.
final class LiveScript: Sendable {
  struct Key: Sendable, Hashable {
    var application: String
    var token: Int
  }

  private struct State {
    /// Whether the journal has calls of it.
    var hasHistory: Bool
    /// Whether being run again counts against the run's budget.
    var isCharged = true
  }

  let order: RunStateMachine.ScriptOrder
  /// Takes the answers to the calls that the script waits for.
  let answers = AnswerQueue()
  /// Fired when the script is to end.
  let cancel = AsyncSignal()
  private let state: Locked<State>

  init(_ order: RunStateMachine.ScriptOrder) {
    self.order = order
    state = Locked(State(hasHistory: order.hasHistory))
  }

  var hasHistory: Bool { state.withLock { $0.hasHistory } }
  var isCharged: Bool { state.withLock { $0.isCharged } }

  /// It is to be run again from its start.
  func suspend(isCharged: Bool) {
    state.withLock { $0 = State(hasHistory: true, isCharged: isCharged) }
  }
}
