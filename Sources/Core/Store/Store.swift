/// Everything the server keeps, on whatever back end.
///
/// The protocols promise only what an embedded database and Cassandra can both keep: a total order per run's journal,
/// compare-and-set of one record, pages by token. There is no global sequence, no transaction over records, no offset.
/// One contract test suite (`Tests/StoreContractTests`) runs over every implementation.
package protocol Store: StackStore, UserStore, RunStore, OwnershipStore, EpochStore {
  /// What is open and where, for the first line of the log: `SQLite /var/lib/stack-deploy/stack-deploy.db`.
  var summary: String { get }

  /// Finishes writes under way and lets go of files and locks. Later calls throw `StoreError` with code `.closed`.
  func close() async
}

/// Part of a list, and where the next part starts.
package struct Page<Element: Sendable>: Sendable {
  package var elements: [Element]
  /// Opaque; `nil` at the end.
  package var next: PageToken?

  package init(elements: [Element], next: PageToken? = nil) {
    self.elements = elements
    self.next = next
  }
}

/// Where a list goes on. Opaque to everyone but the store that gave it out.
package struct PageToken: Sendable, Hashable, Codable {
  package var text: String

  package init(text: String) {
    self.text = text
  }
}
