package import Concurrency

/// What pure functions follow from beside their arguments: the same in every replay.
package struct ScriptContext: Sendable, Hashable {
  /// The time of the last answer that the script got, or of its start.
  package var now: Timestamp
  /// The invocation's.
  package var seed: [UInt64]
  /// The call's place among the script's calls, from 1.
  package var call: Int

  package init(now: Timestamp, seed: (UInt64, UInt64), call: Int) {
    self.now = now
    self.seed = [seed.0, seed.1]
    self.call = call
  }
}
