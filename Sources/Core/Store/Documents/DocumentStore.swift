package import Concurrency

/// The JSON documents that scripts keep, each in the namespace of its stack.
///
/// They are written with the entry of the journal that says so (`RunStore.appendJournal`), and go with their stack
/// (`StackStore.removeStack`). One whose time is over is as if it were not there, by the clock of whoever asks.
package protocol DocumentStore: Sendable {
  func document(_ key: String, of stack: String, at now: Timestamp) async throws(StoreError) -> DocumentRecord?

  /// Keys bytewise, at most `limit` of them, which is from 1 to 1,000.
  func documentKeys(
    of stack: String, in range: DocumentRange, limit: Int, at now: Timestamp
  ) async throws(StoreError) -> DocumentKeys

  /// How many are stored, with those whose time is over and that have not been removed yet.
  func documentCount(of stack: String) async throws(StoreError) -> Int

  /// The highest version of those that are stored, with those whose time is over; nil where there are none.
  func latestDocumentVersion(of stack: String) async throws(StoreError) -> Timestamp?

  /// Removes those of all stacks whose time is over.
  func removeExpiredDocuments(at now: Timestamp, epoch: Epoch) async throws(StoreError)
}
