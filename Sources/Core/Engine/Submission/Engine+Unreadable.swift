import Concurrency
import StackModel
import Store

/// Runs that were written by a newer release, or whose journal is damaged: shown as blocked, and can be cancelled, so that
/// they do not hold their stack for ever.
extension Engine {
  func status(_ record: RunRecord, unreadable error: JournalFormatError) -> RunStatus {
    RunStatus(
      id: record.id, kind: record.kind, stack: record.stack, revision: 0, zone: record.zone,
      state: record.state.isFinal ? record.state : .blocked, createdAt: record.createdAt,
      createdBy: record.createdBy, startedAt: record.startedAt, endedAt: record.endedAt,
      failure: record.state == .cancelled || record.state == .succeeded
        ? nil : RunFailure(reason: record.error ?? "run \(record.id) cannot be resumed: \(error)"),
      waiting: nil, isCancelling: false, applications: [], variables: [:], sequence: 0)
  }

  /// Whether no server of this release can go on with the run.
  func isUnreadable(_ record: RunRecord) async throws(EngineError) -> Bool {
    do {
      _ = try await restore(record)
      return false
    } catch is JournalFormatError {
      return true
    } catch let error as StoreError {
      throw EngineError(error)
    } catch {
      throw EngineError(.unavailable, "\(error)")
    }
  }

  func cancelUnreadable(_ record: RunRecord) async throws(EngineError) {
    let environment = try surroundings()
    let lane = RunLocks.Lane(stack: record.stack, zone: record.zone)
    var cancelled = record
    cancelled.state = .cancelled
    cancelled.endedAt = time.now()
    do {
      _ = try await store.updateRun(cancelled, epoch: environment.epoch)
    } catch {
      throw EngineError(error)
    }
    if let change = environment.locks.withLock({ $0.release(lane, record.id, at: time.now()) }) { pass(change) }
  }
}
