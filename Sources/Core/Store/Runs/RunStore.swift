package import Concurrency

/// Runs and their journals. Every write carries the epoch of the server that makes it and throws `.staleEpoch` once
/// another server has taken over. A write has been made durable when the call returns.
package protocol RunStore: Sendable {
  /// Gives the run its number and stores it. The `id` in `draft` is ignored. What is pinned stays readable through the
  /// run until it is removed, whatever becomes of the stacks; `.changed` if a stack has lost such a content meanwhile.
  func createRun(_ draft: RunRecord, pinning pins: [ContentPin], epoch: Epoch) async throws(StoreError) -> RunRecord

  /// As `createRun`, unless the user has created a run with this key within `Submission.lifetime` before the draft's
  /// creation. Of calls at the same time one creates the run.
  func createRun(
    _ draft: RunRecord, submission: Submission, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunCreation

  /// The run that a user's key stands for since then, and the digest that it was asked for with.
  func submittedRun(
    key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (run: RunID, digest: String)?

  func run(_ id: RunID) async throws(StoreError) -> RunRecord?

  /// Newest first. `limit` from 1 to 1,000.
  func runs(matching filter: RunFilter, after token: PageToken?, limit: Int) async throws(StoreError) -> Page<RunRecord>

  /// All that are not in a final state, oldest first: what a starting server takes up again.
  func unfinishedRuns() async throws(StoreError) -> [RunRecord]

  /// Stores `record` with its version raised by one, if the stored version is still `record.version`; else `.changed`,
  /// or `.notFound` if there is no such run. The snapshot stays as it was stored with the run, whatever `record` says.
  func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord

  /// Appends all or nothing. The first sequence must be the last stored one plus 1, else `.changed`;
  /// the others follow without gaps. `.notFound` if there is no such run.
  ///
  /// With them the documents that they tell of are written, one after another: both in one commit. A store that has no
  /// such commit writes the documents first; the same writes, repeated, change nothing, since they have their versions.
  func appendJournal(
    _ records: [JournalRecord], documents: [DocumentWrite], to run: RunID, epoch: Epoch
  ) async throws(StoreError)

  /// In order, those with a sequence above `sequence`, at most `limit` (from 1); none if there is no such run.
  func journal(of run: RunID, after sequence: Int64, limit: Int) async throws(StoreError) -> [JournalRecord]

  /// Removes the run, its journal and the contents that nothing but its pins referred to: retention. Does nothing if there is no such run.
  func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError)
}

extension RunStore {
  /// A run that pins nothing.
  package func createRun(_ draft: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    try await createRun(draft, pinning: [], epoch: epoch)
  }

  package func createRun(
    _ draft: RunRecord, submission: Submission, epoch: Epoch
  ) async throws(StoreError) -> RunCreation {
    try await createRun(draft, submission: submission, pinning: [], epoch: epoch)
  }

  /// Entries that tell of no documents.
  package func appendJournal(_ records: [JournalRecord], to run: RunID, epoch: Epoch) async throws(StoreError) {
    try await appendJournal(records, documents: [], to: run, epoch: epoch)
  }
}

/// Which runs a list shows. What is `nil` or empty does not restrict.
package struct RunFilter: Sendable, Hashable {
  package var stack: String?
  package var zone: String?
  package var states: Set<RunRecord.State>

  package init(stack: String? = nil, zone: String? = nil, states: Set<RunRecord.State> = []) {
    self.stack = stack
    self.zone = zone
    self.states = states
  }
}
