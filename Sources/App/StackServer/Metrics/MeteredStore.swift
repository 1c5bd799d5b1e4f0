import Concurrency
import Store

/// A store whose journal commits are counted and timed, the ends of runs counted, and changes of stacks and users noted;
/// all else passes through. No other process writes to the store meanwhile: its folder is locked.
struct MeteredStore: Store {
  let base: any Store
  let metrics: ServerMetrics
  let stackChanges = ChangeCounter()
  let userTable: UserTable
  private let userChanges: ChangeCounter

  init(base: any Store, metrics: ServerMetrics) {
    self.base = base
    self.metrics = metrics
    userChanges = ChangeCounter()
    userTable = UserTable(changes: userChanges)
  }

  func appendJournal(
    _ records: [JournalRecord], documents: [DocumentWrite], to run: RunID, epoch: Epoch
  ) async throws(StoreError) {
    let start = ContinuousClock.now
    do {
      try await base.appendJournal(records, documents: documents, to: run, epoch: epoch)
      metrics.committed(entries: records.count, succeeded: true, in: ContinuousClock.now - start)
    } catch {
      metrics.committed(entries: records.count, succeeded: false, in: ContinuousClock.now - start)
      throw error
    }
  }

  var summary: String { base.summary }
  func close() async { await base.close() }

  // MARK: Stacks

  func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord? {
    try await base.stack(named: name, revision: revision)
  }
  func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord> {
    try await base.stacks(after: token, limit: limit)
  }
  func stackNames() async throws(StoreError) -> [String] { try await base.stackNames() }
  func add(
    _ record: StackRecord, contents: [FileContent], submission: Submission?
  ) async throws(StoreError) -> RevisionCreation {
    try await stackChanges.change { () async throws(StoreError) in
      try await base.add(record, contents: contents, submission: submission)
    }
  }
  func submittedRevision(
    of stack: String, key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (revision: Int, digest: String)? {
    try await base.submittedRevision(of: stack, key: key, user: user, since: since)
  }
  func contents(
    _ hashes: [ContentHash], of referrer: ContentReferrer
  ) async throws(StoreError) -> [ContentHash: [UInt8]] {
    try await base.contents(hashes, of: referrer)
  }
  func children(of name: String) async throws(StoreError) -> [String] { try await base.children(of: name) }
  func removeStack(named name: String, ifLatest revision: Int?) async throws(StoreError) {
    try await stackChanges.change { () async throws(StoreError) in
      try await base.removeStack(named: name, ifLatest: revision)
    }
  }

  // MARK: Users

  func user(named name: String) async throws(StoreError) -> UserRecord? {
    try await userTable.user(named: name, from: base)
  }
  func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
    try await base.users(after: token, limit: limit)
  }
  func add(_ user: UserRecord) async throws(StoreError) {
    try await userChanges.change { () async throws(StoreError) in try await base.add(user) }
  }
  func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
    try await userChanges.change { () async throws(StoreError) in try await base.replace(old, with: new) }
  }

  // MARK: Runs

  func createRun(
    _ draft: RunRecord, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunRecord {
    try await base.createRun(draft, pinning: pins, epoch: epoch)
  }
  func createRun(
    _ draft: RunRecord, submission: Submission, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunCreation {
    try await base.createRun(draft, submission: submission, pinning: pins, epoch: epoch)
  }
  func submittedRun(
    key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (run: RunID, digest: String)? {
    try await base.submittedRun(key: key, user: user, since: since)
  }
  func run(_ id: RunID) async throws(StoreError) -> RunRecord? { try await base.run(id) }
  func runs(
    matching filter: RunFilter, after token: PageToken?, limit: Int
  ) async throws(StoreError) -> Page<RunRecord> {
    try await base.runs(matching: filter, after: token, limit: limit)
  }
  func unfinishedRuns() async throws(StoreError) -> [RunRecord] { try await base.unfinishedRuns() }
  func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    let stored = try await base.updateRun(record, epoch: epoch)
    // What has ended is not changed any more.
    if stored.state.isFinal { metrics.ended(kind: stored.kind.rawValue, state: stored.state.rawValue) }
    return stored
  }
  func journal(of run: RunID, after sequence: Int64, limit: Int) async throws(StoreError) -> [JournalRecord] {
    try await base.journal(of: run, after: sequence, limit: limit)
  }
  func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError) { try await base.removeRun(id, epoch: epoch) }

  // MARK: Documents

  func document(_ key: String, of stack: String, at now: Timestamp) async throws(StoreError) -> DocumentRecord? {
    try await base.document(key, of: stack, at: now)
  }
  func documentKeys(
    of stack: String, in range: DocumentRange, limit: Int, at now: Timestamp
  ) async throws(StoreError) -> DocumentKeys {
    try await base.documentKeys(of: stack, in: range, limit: limit, at: now)
  }
  func documentCount(of stack: String) async throws(StoreError) -> Int { try await base.documentCount(of: stack) }
  func latestDocumentVersion(of stack: String) async throws(StoreError) -> Timestamp? {
    try await base.latestDocumentVersion(of: stack)
  }
  func removeExpiredDocuments(at now: Timestamp, epoch: Epoch) async throws(StoreError) {
    try await base.removeExpiredDocuments(at: now, epoch: epoch)
  }

  // MARK: Ownership

  func owners(of applications: [String]) async throws(StoreError) -> [OwnershipRecord] {
    try await base.owners(of: applications)
  }
  func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord] {
    try await base.ownership(stack: stack, zone: zone)
  }
  func putOwnership(_ records: [OwnershipRecord], epoch: Epoch) async throws(StoreError) {
    try await base.putOwnership(records, epoch: epoch)
  }
  func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try await base.removeOwnership(of: application, epoch: epoch)
  }

  // MARK: Epochs

  func beginEpoch() async throws(StoreError) -> Epoch { try await base.beginEpoch() }
  func setting(_ name: String) async throws(StoreError) -> String? { try await base.setting(name) }
  func setSetting(_ name: String, to value: String) async throws(StoreError) {
    try await base.setSetting(name, to: value)
  }
}
