import Concurrency

/// Events on their way to the one task that handles them; it takes all that wait at once, so that their journal entries
/// share one commit.
final class Mailbox<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [Element] = []
    var reader: CheckedContinuation<Void, Never>?
    var isCancelled = false

    mutating func takeReader() -> CheckedContinuation<Void, Never>? {
      defer { reader = nil }
      return reader
    }
  }

  private let state = Locked(State())

  func post(_ element: Element) {
    let reader = state.withLock { state in
      state.waiting.append(element)
      return state.takeReader()
    }
    reader?.resume()
  }

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
