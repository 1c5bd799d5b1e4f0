/// What contents are read through: whoever refers to them keeps them.
package enum ContentReferrer: Sendable, Hashable {
  /// Any revision of the stack.
  case stack(String)
  /// A run, through its pins.
  case run(RunID)
}

/// A content that a run is to keep, and the stack that has it at this moment.
package struct ContentPin: Sendable, Hashable {
  package var stack: String
  package var content: ContentHash

  package init(stack: String, content: ContentHash) {
    self.stack = stack
    self.content = content
  }
}

/// The contents of stacks' files. They come with `StackStore.add`, stay while a revision of a stack or a run refers to
/// them, and go with the last that did: with `removeStack` or `removeRun`.
///
/// They are always asked for through one that refers to them, so that a store may keep them beside it, in the same
/// partition, where it has no transaction over stacks and runs.
package protocol ContentStore: Sendable {
  /// Those that the stack or the run refers to; what it does not refer to is left out, whether it is stored or not.
  /// - Throws: `.corrupt` where bytes no longer have their hash.
  func contents(
    _ hashes: [ContentHash], of referrer: ContentReferrer
  ) async throws(StoreError) -> [ContentHash: [UInt8]]
}
