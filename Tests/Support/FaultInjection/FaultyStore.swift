package import Concurrency
package import Store

/// The store as one server sees it: every write is two points, every read one.
package struct FaultyStore: Store {
  private let base: any Store
  private let gate: any FaultGate

  package init(_ base: any Store, gate: any FaultGate) {
    self.base = base
    self.gate = gate
  }

  private func write<Answer>(
    _ name: String, _ body: () async throws(StoreError) -> Answer
  ) async throws(StoreError) -> Answer {
    let fault = await gate.pass(FaultPoint(.commit, .before, name))
    try check(fault, name)
    // Of two, the second is answered, as where something below tries again.
    if fault == .twice { _ = try await body() }
    let answer = try await body()
    try check(await gate.pass(FaultPoint(.commit, .after, name)), name)
    return answer
  }

  private func read<Answer>(
    _ name: String, _ body: () async throws(StoreError) -> Answer
  ) async throws(StoreError) -> Answer {
    let fault = await gate.pass(FaultPoint(.look, .before, name))
    try check(fault, name)
    if fault == .twice { _ = try await body() }
    return try await body()
  }

  private func check(_ fault: Fault?, _ name: String) throws(StoreError) {
    switch fault {
    case nil, .twice?: return
    case .gone?: throw StoreError(.closed, "the server is gone")
    case .failed?, .invalid?: throw StoreError(.corrupt, "injected: \(name)")
    case .unavailable?, .undecided?, .locked?, .unintelligible?: throw StoreError(.unavailable, "injected: \(name)")
    }
  }

  package var summary: String { base.summary }
  package func close() async { await base.close() }

  // MARK: Stacks and users

  package func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord? {
    try await read("stack \(name)") { () async throws(StoreError) in
      try await base.stack(named: name, revision: revision)
    }
  }
  package func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord> {
    try await read("stacks") { () async throws(StoreError) in
      try await base.stacks(after: token, limit: limit)
    }
  }
  package func stackNames() async throws(StoreError) -> [String] {
    try await read("names of stacks") { () async throws(StoreError) in try await base.stackNames() }
  }
  package func add(
    _ record: StackRecord, contents: [FileContent], submission: Submission?
  ) async throws(StoreError) -> RevisionCreation {
    try await write("stack \(record.name)") { () async throws(StoreError) in
      try await base.add(record, contents: contents, submission: submission)
    }
  }
  package func submittedRevision(
    of stack: String, key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (revision: Int, digest: String)? {
    try await read("submission of stack \(stack)") { () async throws(StoreError) in
      try await base.submittedRevision(of: stack, key: key, user: user, since: since)
    }
  }
  package func contents(
    _ hashes: [ContentHash], of referrer: ContentReferrer
  ) async throws(StoreError) -> [ContentHash: [UInt8]] {
    let name = if case .run(let run) = referrer { "files of run \(run)" } else { "files of a stack" }
    return try await read(name) { () async throws(StoreError) in
      try await base.contents(hashes, of: referrer)
    }
  }
  package func children(of name: String) async throws(StoreError) -> [String] {
    try await read("children of stack \(name)") { () async throws(StoreError) in try await base.children(of: name) }
  }
  package func removeStack(named name: String, ifLatest revision: Int?) async throws(StoreError) {
    try await write("removal of stack \(name)") { () async throws(StoreError) in
      try await base.removeStack(named: name, ifLatest: revision)
    }
  }
  package func user(named name: String) async throws(StoreError) -> UserRecord? {
    try await read("user \(name)") { () async throws(StoreError) in try await base.user(named: name) }
  }
  package func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
    try await read("users") { () async throws(StoreError) in try await base.users(after: token, limit: limit) }
  }
  package func add(_ user: UserRecord) async throws(StoreError) {
    try await write("user \(user.name)") { () async throws(StoreError) in try await base.add(user) }
  }
  package func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
    try await write("change of user \(new.name)") { () async throws(StoreError) in
      try await base.replace(old, with: new)
    }
  }

  // MARK: Runs

  package func createRun(
    _ draft: RunRecord, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunRecord {
    try await write("run of \(draft.stack)") { () async throws(StoreError) in
      try await base.createRun(draft, pinning: pins, epoch: epoch)
    }
  }
  package func createRun(
    _ draft: RunRecord, submission: Submission, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunCreation {
    try await write("submission of a run of \(draft.stack)") { () async throws(StoreError) in
      try await base.createRun(draft, submission: submission, pinning: pins, epoch: epoch)
    }
  }
  package func submittedRun(
    key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (run: RunID, digest: String)? {
    try await read("submission of a run") { () async throws(StoreError) in
      try await base.submittedRun(key: key, user: user, since: since)
    }
  }
  package func run(_ id: RunID) async throws(StoreError) -> RunRecord? {
    try await read("run \(id)") { () async throws(StoreError) in try await base.run(id) }
  }
  package func runs(
    matching filter: RunFilter, after token: PageToken?, limit: Int
  ) async throws(StoreError) -> Page<RunRecord> {
    try await read("runs") { () async throws(StoreError) in
      try await base.runs(matching: filter, after: token, limit: limit)
    }
  }
  package func unfinishedRuns() async throws(StoreError) -> [RunRecord] {
    try await read("unfinished runs") { () async throws(StoreError) in try await base.unfinishedRuns() }
  }
  package func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    try await write("record \(record.state.rawValue)") { () async throws(StoreError) in
      try await base.updateRun(record, epoch: epoch)
    }
  }
  package func appendJournal(
    _ records: [JournalRecord], documents: [DocumentWrite], to run: RunID, epoch: Epoch
  ) async throws(StoreError) {
    let name = records.map { $0.path.isEmpty ? $0.kind : "\($0.path) \($0.kind)" }.joined(separator: ", ")
    try await write("journal \(name)") { () async throws(StoreError) in
      try await base.appendJournal(records, documents: documents, to: run, epoch: epoch)
    }
  }
  package func journal(of run: RunID, after sequence: Int64, limit: Int) async throws(StoreError) -> [JournalRecord] {
    try await read("entries of run \(run)") { () async throws(StoreError) in
      try await base.journal(of: run, after: sequence, limit: limit)
    }
  }
  package func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError) {
    try await write("removal of run \(id)") { () async throws(StoreError) in
      try await base.removeRun(id, epoch: epoch)
    }
  }

  // MARK: Documents

  package func document(
    _ key: String, of stack: String, at now: Timestamp
  ) async throws(StoreError) -> DocumentRecord? {
    try await read("document \(key) of \(stack)") { () async throws(StoreError) in
      try await base.document(key, of: stack, at: now)
    }
  }
  package func documentKeys(
    of stack: String, in range: DocumentRange, limit: Int, at now: Timestamp
  ) async throws(StoreError) -> DocumentKeys {
    try await read("documents of \(stack)") { () async throws(StoreError) in
      try await base.documentKeys(of: stack, in: range, limit: limit, at: now)
    }
  }
  package func documentCount(of stack: String) async throws(StoreError) -> Int {
    try await read("number of documents of \(stack)") { () async throws(StoreError) in
      try await base.documentCount(of: stack)
    }
  }
  package func latestDocumentVersion(of stack: String) async throws(StoreError) -> Timestamp? {
    try await read("latest version of the documents of \(stack)") { () async throws(StoreError) in
      try await base.latestDocumentVersion(of: stack)
    }
  }
  package func removeExpiredDocuments(at now: Timestamp, epoch: Epoch) async throws(StoreError) {
    try await write("removal of expired documents") { () async throws(StoreError) in
      try await base.removeExpiredDocuments(at: now, epoch: epoch)
    }
  }

  // MARK: Ownership

  package func owners(of applications: [String]) async throws(StoreError) -> [OwnershipRecord] {
    try await read("owners of \(applications.joined(separator: ", "))") { () async throws(StoreError) in
      try await base.owners(of: applications)
    }
  }
  package func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord] {
    try await read("ownership of \(stack)") { () async throws(StoreError) in
      try await base.ownership(stack: stack, zone: zone)
    }
  }
  package func putOwnership(_ records: [OwnershipRecord], epoch: Epoch) async throws(StoreError) {
    let names = records.map(\.application).joined(separator: ", ")
    try await write("ownership \(names)") { () async throws(StoreError) in
      try await base.putOwnership(records, epoch: epoch)
    }
  }
  package func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try await write("disown \(application)") { () async throws(StoreError) in
      try await base.removeOwnership(of: application, epoch: epoch)
    }
  }

  // MARK: Epochs and settings

  package func beginEpoch() async throws(StoreError) -> Epoch {
    try await write("epoch") { () async throws(StoreError) in try await base.beginEpoch() }
  }
  package func setting(_ name: String) async throws(StoreError) -> String? {
    try await read("setting \(name)") { () async throws(StoreError) in try await base.setting(name) }
  }
  package func setSetting(_ name: String, to value: String) async throws(StoreError) {
    try await write("setting \(name)") { () async throws(StoreError) in
      try await base.setSetting(name, to: value)
    }
  }
}
