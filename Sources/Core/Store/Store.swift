/// Everything the server keeps, on whatever back end.
///
/// The protocols promise only what an embedded database and Cassandra can both keep: a total order per run's journal,
/// compare-and-set of one record, pages by token. There is no global sequence, no transaction over records, no offset.
/// One contract test suite (`Tests/StoreContractTests`) runs over every implementation.
package protocol Store: StackStore, ContentStore, UserStore, RunStore, DocumentStore, OwnershipStore,
  EpochStore
{
  /// What is open and where, for the first line of the log: `SQLite /var/lib/stack-deploy/stack-deploy.db`.
  var summary: String { get }

  /// Finishes writes under way and lets go of files and locks. Later calls throw `StoreError` with code `.closed`.
  func close() async
}
