import Concurrency

/// Lets tasks wait for the end of threads, also when those tasks have been cancelled: files must not stay open behind
/// someone who believes them closed.
final class ThreadEnd: Sendable {
  private struct State {
    var running: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Locked<State>

  init(threads: Int) {
    state = Locked(State(running: threads))
  }

  /// Called once by each thread, as the last thing it does.
  func threadEnded() {
    let waiters = state.withLock { state in
      state.running -= 1
      guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.running > 0 { state.waiters.append(continuation) }
        return state.running == 0
      }
      if isOver { continuation.resume() }
    }
  }
}
