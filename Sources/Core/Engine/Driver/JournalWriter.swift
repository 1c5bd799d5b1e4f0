import Concurrency
import JSON
import Store
import Telemetry

/// Writes what a run's machine decided, before anything of it shows or happens.
struct JournalWriter: Sendable {
  let run: LiveRun
  let environment: EngineEnvironment
  /// The sequence up to which the journal is known to be durable.
  private(set) var last: Int64
  private var entries: Int
  private var isFull = false

  init(run: LiveRun, environment: EngineEnvironment) {
    self.run = run
    self.environment = environment
    last = run.committed(\.sequence)
    entries = Int(last)
  }

  /// Returns when the entries among `actions` are durable, with the documents that they tell of, the run's record says the same, and both can be seen.
  /// - Throws: only what makes it impossible for this server to go on with the run.
  mutating func commit(
    _ actions: [RunStateMachine.Action], machine: inout RunStateMachine, at now: Timestamp
  ) async throws(StoreError) {
    var records: [JournalRecord] = []
    var entries: [JournalEntry] = []
    var documents: [DocumentWrite] = []
    for action in actions {
      switch action {
      case .append(let entry):
        machine.sequence += 1
        records.append(entry.record(sequence: machine.sequence, at: now))
        entries.append(entry)
      case .write(let document): documents.append(document)
      default: break
      }
    }
    if !records.isEmpty { try await append(records, documents) }
    try await updateRecord(machine)
    run.publish(&machine)
    if !records.isEmpty { run.feed.announce(entries, sequence: machine.sequence, of: run.id, at: now) }
  }

  private mutating func append(
    _ records: [JournalRecord], _ documents: [DocumentWrite]
  ) async throws(StoreError) {
    let (store, epoch) = (environment.store, environment.epoch)
    try await persistently { () async throws(StoreError) in
      do throws(StoreError) {
        try await store.appendJournal(records, documents: documents, to: run.id, epoch: epoch)
      } catch {
        // A try before this one may have been carried out although it failed.
        guard error.code == .changed else { throw error }
        let stored = try await store.journal(
          of: run.id, after: records[0].sequence - 1, limit: records.count + 1)
        guard stored == records else { throw error }
      }
    }
    last = records.last?.sequence ?? last
    entries += records.count
    let size = records.reduce(0) { $0 + $1.body.approximateSize }
    run.journaled(size)
    let limits = environment.options.limits
    if !isFull, entries >= limits.journalEntries || run.bytesJournaled >= limits.journalBytes {
      isFull = true
      run.post(
        .journalFull(
          "the run's journal has reached its limit (\(limits.journalEntries) entries, \(limits.journalBytes >> 20) MiB)"
        ))
    }
  }

  /// The record repeats what the journal says of the run as a whole, so that runs can be listed without journals.
  private func updateRecord(_ machine: RunStateMachine) async throws(StoreError) {
    var record = run.record
    record.state = machine.state
    record.error = machine.failure?.description
    record.startedAt = machine.startedAt
    record.endedAt = machine.endedAt
    guard record != run.record else { return }
    let (store, epoch) = (environment.store, environment.epoch)
    let wanted = record
    run.record = try await persistently { () async throws(StoreError) in
      do throws(StoreError) {
        return try await store.updateRun(wanted, epoch: epoch)
      } catch {
        guard error.code == .changed else { throw error }
        guard var stored = try await store.run(run.id) else { throw error }
        let version = stored.version
        stored.version = wanted.version
        stored.snapshot = wanted.snapshot
        if stored == wanted {
          stored.version = version
          return stored
        }
        throw error
      }
    }
  }

  /// Repeats while the store cannot be written for a reason that may pass, such as a full disk: until then nothing of the
  /// run goes on, and nothing is lost.
  private func persistently<Result>(
    _ body: () async throws(StoreError) -> Result
  ) async throws(StoreError) -> Result {
    var wait = Duration.milliseconds(200)
    defer { run.storeTrouble = nil }
    while true {
      do {
        return try await body()
      } catch {
        guard error.code == .unavailable else { throw error }
        let now = environment.time.now()
        let reason = WaitingReason(
          step: nil, since: run.storeTrouble?.since ?? now, until: nil, cause: .storeUnavailable(error.description))
        run.storeTrouble = reason
        run.feed.note(nil, reason, of: run.id, at: now)
        RunDriver.logger.error(
          "the journal cannot be written; the run waits", ["run": "\(run.id)", "error": "\(error)"])
        do {
          try await environment.time.sleep(for: wait)
        } catch {
          throw StoreError(.closed, "the server stops while the journal of run \(run.id) cannot be written")
        }
        wait = min(wait * 2, .seconds(30))
      }
    }
  }
}
