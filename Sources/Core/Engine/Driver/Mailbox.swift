import Concurrency

/// Events on their way to the one task that handles them; it takes all that wait at once, so that their journal entries
/// share one commit.
final class Mailbox<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [Element] = []
    var reader: CheckedContinuation<Void, Never>?
    var isCancelled = false
    /// Set where there is no reader, to be called for the next element.
    var call: (@Sendable () -> Void)?

    mutating func takeReader() -> CheckedContinuation<Void, Never>? {
      defer { reader = nil }
      return reader
    }
  }

  private let state = Locked(State())

  func post(_ element: Element) {
    let (reader, call) = state.withLock { state in
      state.waiting.append(element)
      defer { state.call = nil }
      return (state.takeReader(), state.call)
    }
    reader?.resume()
    call?()
  }

  /// The reader goes, unless something waits: false then. `call` is called when something comes, once; what comes waits for the next reader.
  func leave(_ call: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      guard state.waiting.isEmpty, !state.isCancelled else { return false }
      state.call = call
      return true
    }
  }

  /// Whether its reader has left.
  var isLeft: Bool { state.withLock { $0.call != nil } }

  /// What waits, in the order of arrival; nothing once the reading task is cancelled. There is one reader.
  func next() async -> [Element] {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mayGoOn = state.withLock { state in
          if !state.waiting.isEmpty || state.isCancelled { return true }
          state.reader = continuation
          return false
        }
        if mayGoOn { continuation.resume() }
      }
    } onCancel: {
      let reader = state.withLock { state in
        state.isCancelled = true
        return state.takeReader()
      }
      reader?.resume()
    }
    return state.withLock { state in
      defer { state.waiting.removeAll() }
      return state.isCancelled ? [] : state.waiting
    }
  }
}
