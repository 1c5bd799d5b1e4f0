import Concurrency
import Store

extension Engine {
  /// Has a run go on that has failed. It waits for its turn as a new one does.
  func reopen(_ record: RunRecord, _ decision: ResumeDecision, by user: String) async throws(EngineError) {
    let environment = try surroundings()
    var machine = try await failedMachine(of: record)
    guard decision == .retryStep || machine.hasFailedStep else {
      throw EngineError(
        .conflict,
        "run \(record.id) failed as a whole, not at one of its steps: \(record.error ?? ""); resume it with --retry-step"
      )
    }
    let now = time.now()
    let entry = JournalEntry.resumed(nil, decision, by: user)
    let line = entry.record(sequence: machine.sequence + 1, at: now)
    let stored: RunRecord
    do {
      stored = try await reopen(record, with: line, environment.epoch)
    } catch {
      guard error.code == .changed else {
        doubt(.reopened(record.id))
        throw EngineError(error)
      }
      throw EngineError(.conflict, "somebody else has run \(record.id) go on")
    }
    machine.replay(entry, sequence: line.sequence, at: now)
    let lane = RunLocks.Lane(stack: record.stack, zone: record.zone)
    _ = environment.locks.withLock { $0.request(lane, record.id, record.createdBy, at: now) }
    arrive(LiveRun(machine: machine, record: stored))
  }

  /// The machine of a run that may go on.
  private func failedMachine(of record: RunRecord) async throws(EngineError) -> RunStateMachine {
    let machine: RunStateMachine
    do {
      let later = try await store.runs(
        matching: RunFilter(stack: record.stack, zone: record.zone), after: nil, limit: 1)
      if let latest = later.elements.first, latest.id != record.id {
        throw EngineError(
          .conflict,
          "run \(latest.id) of stack \(record.stack) was started after run \(record.id): what that one has done would be undone; "
            + "run the stack again instead")
      }
      machine = try await restore(record)
    } catch let error as EngineError {
      throw error
    } catch let error as StoreError {
      throw EngineError(error)
    } catch {
      throw EngineError(.conflict, "run \(record.id) cannot be resumed: \(error)")
    }
    guard machine.state == .failed else { throw over(record.id, record.state) }
    return machine
  }

  /// The record first: a run that is not over, whose journal says that it has failed, ends as it had when it is taken up, by `settleDoubts` or when
  /// the server starts again. The other way round nobody would take it up.
  private func reopen(
    _ record: RunRecord, with line: JournalRecord, _ epoch: Epoch
  ) async throws(StoreError) -> RunRecord {
    var queued = record
    queued.state = .queued
    queued.error = nil
    queued.endedAt = nil
    let stored = try await store.updateRun(queued, epoch: epoch)
    try await store.appendJournal([line], to: record.id, epoch: epoch)
    return stored
  }
}
