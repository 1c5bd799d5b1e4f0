import Concurrency
import Store

/// Tells whether what was read may have changed since: all changes go through it.
final class ChangeCounter: Sendable {
  private struct State {
    var count: UInt64 = 0
    var underWay = 0
  }

  private let state = Locked(State())

  /// Names a moment; the same again means that nothing was changed in between. Nil while something is being changed: what
  /// is read then may be the former or the new state, and is not worth keeping.
  var moment: UInt64? { state.withLock { $0.underWay == 0 ? $0.count : nil } }

  /// Makes a change. From its beginning until whoever made it is told of its end nothing counts as unchanged, also
  /// where it fails: it may have been made all the same.
  func change<Result>(_ body: () async throws(StoreError) -> Result) async throws(StoreError) -> Result {
    state.withLock { $0.underWay += 1 }
    defer {
      state.withLock { state in
        state.underWay -= 1
        state.count += 1
      }
    }
    return try await body()
  }
}
