import Concurrency

/// What is to happen at a later time, for all runs: one task waits for it in place of one for each.
final class Alarms: Sendable {
  private struct Alarm {
    /// By `uptime`.
    var due: Duration
    var ring: @Sendable () -> Void
  }

  private struct State {
    /// The next one last.
    var alarms: [Alarm] = []
    /// Fired when there is an earlier one than before.
    var isChanged = AsyncSignal()
  }

  private let state = Locked(State())
  private let time: any TimeSource

  init(_ time: any TimeSource) { self.time = time }

  /// Calls `ring` once, when the uptime is reached, however the wall clock is set.
  func set(at due: Duration, _ ring: @escaping @Sendable () -> Void) {
    let alarm = Alarm(due: due, ring: ring)
    let signal = state.withLock { state -> AsyncSignal? in
      // Behind all that are later.
      var (low, high) = (0, state.alarms.count)
      while low < high {
        let middle = (low + high) / 2
        if state.alarms[middle].due > alarm.due { low = middle + 1 } else { high = middle }
      }
      state.alarms.insert(alarm, at: low)
      return low == state.alarms.count - 1 ? state.isChanged : nil
    }
    signal?.fire()
  }

  /// Rings until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let now = time.uptime()
      let (due, next, isChanged) = state.withLock { state in
        var due: [Alarm] = []
        while let last = state.alarms.last, last.due <= now { due.append(state.alarms.removeLast()) }
        state.isChanged = AsyncSignal()
        return (due, state.alarms.last?.due, state.isChanged)
      }
      for alarm in due { alarm.ring() }
      if due.isEmpty { await sleep(until: next, or: isChanged) }
    }
  }

  private func sleep(until next: Duration?, or isChanged: AsyncSignal) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await isChanged.wait() }
      if let next { group.addTask { [time] in try? await time.sleep(untilUptime: next) } }
      await group.next()
      group.cancelAll()
    }
  }
}
