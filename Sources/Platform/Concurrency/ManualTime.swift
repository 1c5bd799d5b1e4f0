/// A clock that stands still until it is told to advance: for tests.
package final class ManualTime: TimeSource {
  private struct Sleeper {
    let id: UInt64
    var deadline: Timestamp
    /// Sleeps for a duration, whatever the wall clock is set to.
    let isRelative: Bool
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Waiter {
    let count: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Timestamp
    var uptime = Duration.zero
    var nextID: UInt64 = 0
    /// Kept in the order of their deadlines, equal ones in the order of arrival.
    var sleepers: [Sleeper] = []
    var waiters: [Waiter] = []

    mutating func takeSatisfiedWaiters() -> [CheckedContinuation<Void, Never>] {
      let count = sleepers.count
      let satisfied = waiters.filter { $0.count <= count }
      waiters.removeAll { $0.count <= count }
      return satisfied.map(\.continuation)
    }
  }

  private let state: Locked<State>

  package init(_ start: Timestamp = Timestamp(millisecondsSinceEpoch: 0)) {
    state = Locked(State(now: start))
  }

  package func now() -> Timestamp { state.withLock { $0.now } }

  package func uptime() -> Duration { state.withLock { $0.uptime } }

  /// How many tasks sleep on this clock at the moment.
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// The earliest instant that a task sleeps for.
  package var nextDeadline: Timestamp? { state.withLock { $0.sleepers.first?.deadline } }

  /// Moves the clock and wakes those whose deadline has come, the earliest first.
  package func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now + duration
      state.uptime += duration
      let now = state.now
      let due = state.sleepers.prefix { $0.deadline <= now }
      state.sleepers.removeFirst(due.count)
      return due.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  /// Someone sets the wall clock; no time passes. Wakes those that wait for an instant which has come by that.
  package func set(by change: Duration) {
    let due = state.withLock { state in
      state.now = state.now + change
      for index in state.sleepers.indices where state.sleepers[index].isRelative {
        state.sleepers[index].deadline = state.sleepers[index].deadline + change
      }
      state.sleepers.sort { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
      let now = state.now
      let due = state.sleepers.prefix { $0.deadline <= now }
      state.sleepers.removeFirst(due.count)
      return due.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  /// Returns when at least `count` tasks sleep on this clock: the safe moment to advance it.
  package func waitForSleepers(_ count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let isSatisfied = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.waiters.append(Waiter(count: count, continuation: continuation))
        return false
      }
      if isSatisfied { continuation.resume() }
    }
  }

  package func sleep(for duration: Duration) async throws {
    try await sleep(isRelative: true) { $0 + duration }
  }

  package func sleep(until deadline: Timestamp) async throws {
    try await sleep(isRelative: false) { _ in deadline }
  }

  private func sleep(isRelative: Bool, until deadline: (Timestamp) -> Timestamp) async throws {
    let (id, deadline) = state.withLock { state in
      state.nextID += 1
      return (state.nextID, deadline(state.now))
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        enum Outcome { case elapsed, cancelled, sleeping([CheckedContinuation<Void, Never>]) }
        let outcome = state.withLock { state -> Outcome in
          // The flag is set before the cancellation handler runs, so one of the two sees the other.
          if Task.isCancelled { return .cancelled }
          if deadline <= state.now { return .elapsed }
          let index = state.sleepers.firstIndex { $0.deadline > deadline } ?? state.sleepers.count
          state.sleepers.insert(
            Sleeper(id: id, deadline: deadline, isRelative: isRelative, continuation: continuation), at: index)
          return .sleeping(state.takeSatisfiedWaiters())
        }
        switch outcome {
        case .elapsed: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .sleeping(let waiters): for waiter in waiters { waiter.resume() }
        }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
        return state.sleepers.remove(at: index).continuation
      }
      continuation?.resume(throwing: CancellationError())
    }
  }
}
