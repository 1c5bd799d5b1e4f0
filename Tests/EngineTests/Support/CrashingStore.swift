import Concurrency
import StackModel
import Store

/// The store as one server sees it: every write is a point at which that server may end, just before it or just after.
struct CrashingStore: Store {
  let store: MemoryStore
  let power: CrashSwitch

  private func write<Answer>(
    _ name: String, _ body: () async throws(StoreError) -> Answer
  ) async throws(StoreError) -> Answer {
    guard power.pass("before \(name)") else { throw StoreError(.closed, "crashed") }
    let answer = try await body()
    guard power.pass("after \(name)") else { throw StoreError(.closed, "crashed") }
    return answer
  }

  private func check() throws(StoreError) {
    if power.isDown { throw StoreError(.closed, "crashed") }
  }

  var summary: String { store.summary }
  func close() async {}

  func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord? {
    try await store.stack(named: name, revision: revision)
  }
  func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord> {
    try await store.stacks(after: token, limit: limit)
  }
  func stackNames() async throws(StoreError) -> [String] { try await store.stackNames() }
  func add(_ record: StackRecord) async throws(StoreError) { try await store.add(record) }
  func children(of name: String) async throws(StoreError) -> [String] { try await store.children(of: name) }
  func removeStack(named name: String) async throws(StoreError) { try await store.removeStack(named: name) }
  func user(named name: String) async throws(StoreError) -> UserRecord? { try await store.user(named: name) }
  func users() async throws(StoreError) -> [UserRecord] { try await store.users() }
  func add(_ user: UserRecord) async throws(StoreError) { try await store.add(user) }
  func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
    try await store.replace(old, with: new)
  }

  func createRun(_ draft: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    try await store.createRun(draft, epoch: epoch)
  }
  func run(_ id: RunID) async throws(StoreError) -> RunRecord? {
    try check()
    return try await store.run(id)
  }
  func runs(
    matching filter: RunFilter, after token: PageToken?, limit: Int
  ) async throws(StoreError) -> Page<RunRecord> {
    try await store.runs(matching: filter, after: token, limit: limit)
  }
  func unfinishedRuns() async throws(StoreError) -> [RunRecord] { try await store.unfinishedRuns() }
  func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    try await write("record \(record.state.rawValue)") { () async throws(StoreError) in
      try await store.updateRun(record, epoch: epoch)
    }
  }
  func appendJournal(_ records: [JournalRecord], to run: RunID, epoch: Epoch) async throws(StoreError) {
    let name = records.map { "\($0.path) \($0.kind)" }.joined(separator: ", ")
    try await write("journal \(name)") { () async throws(StoreError) in
      try await store.appendJournal(records, to: run, epoch: epoch)
    }
  }
  func journal(of run: RunID, after sequence: Int64, limit: Int) async throws(StoreError) -> [JournalRecord] {
    try check()
    return try await store.journal(of: run, after: sequence, limit: limit)
  }
  func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError) { try await store.removeRun(id, epoch: epoch) }

  func owner(of application: String) async throws(StoreError) -> OwnershipRecord? {
    try check()
    return try await store.owner(of: application)
  }
  func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord] {
    try check()
    return try await store.ownership(stack: stack, zone: zone)
  }
  func putOwnership(_ record: OwnershipRecord, epoch: Epoch) async throws(StoreError) {
    try await write("ownership \(record.application)") { () async throws(StoreError) in
      try await store.putOwnership(record, epoch: epoch)
    }
  }
  func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try await write("disown \(application)") { () async throws(StoreError) in
      try await store.removeOwnership(of: application, epoch: epoch)
    }
  }

  func beginEpoch() async throws(StoreError) -> Epoch { try await store.beginEpoch() }
  func setting(_ name: String) async throws(StoreError) -> String? { try await store.setting(name) }
  func setSetting(_ name: String, to value: String) async throws(StoreError) {
    try await store.setSetting(name, to: value)
  }
}
