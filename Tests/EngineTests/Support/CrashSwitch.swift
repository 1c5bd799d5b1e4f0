import Concurrency

/// Ends a simulated server at one numbered point: from then on nothing it does reaches the world.
final class CrashSwitch: Sendable {
  private struct State {
    var passed: [String] = []
    var crashAt: Int?
    var isDown = false
  }

  private let state: Locked<State>
  let crashed = AsyncSignal()

  /// - Parameter crashAt: the point, from 1; `nil` for never.
  init(crashAt: Int? = nil) {
    state = Locked(State(crashAt: crashAt))
  }

  var isDown: Bool { state.withLock { $0.isDown } }
  var points: [String] { state.withLock { $0.passed } }

  /// The server reaches a point. Returns whether it lives on.
  func pass(_ name: String) -> Bool {
    let lives = state.withLock { state in
      guard !state.isDown else { return false }
      state.passed.append(name)
      if state.passed.count == state.crashAt { state.isDown = true }
      return !state.isDown
    }
    if !lives { crashed.fire() }
    return lives
  }

  func crash() {
    state.withLock { $0.isDown = true }
    crashed.fire()
  }
}
