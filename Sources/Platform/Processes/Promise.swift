import Concurrency

/// A value that comes once. Waiting for it is not cancellable: what it stands for ends by itself.
final class Promise<Value: Sendable>: Sendable {
  private enum State {
    case waiting([CheckedContinuation<Value, Never>])
    case kept(Value)
  }

  private let state = Locked(State.waiting([]))

  var current: Value? {
    state.withLock { if case .kept(let value) = $0 { value } else { nil } }
  }

  /// The first value counts.
  func keep(_ value: Value) {
    let waiters = state.withLock { state -> [CheckedContinuation<Value, Never>] in
      guard case .waiting(let waiters) = state else { return [] }
      state = .kept(value)
      return waiters
    }
    for waiter in waiters { waiter.resume(returning: value) }
  }

  func value() async -> Value {
    await withCheckedContinuation { continuation in
      let value = state.withLock { state -> Value? in
        switch state {
        case .kept(let value): return value
        case .waiting(var waiters):
          waiters.append(continuation)
          state = .waiting(waiters)
          return nil
        }
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
