import Concurrency
import JSON
import Store

/// A run that may be stored as one that goes on although the store has said otherwise, as a disk can fail behind a commit.
/// Whoever asked for it was told that it could not be stored.
enum DoubtedRun: Sendable {
  /// A new one.
  case new(NewRun)
  /// One that had failed, and was to go on.
  case reopened(RunID)

  /// What is known of a run without a number.
  struct NewRun: Sendable, Hashable {
    var kind: RunRecord.Kind
    var stack: String
    var zone: String
    var createdBy: String
    var createdAt: Timestamp

    init(_ record: RunRecord) {
      (kind, stack, zone) = (record.kind, record.stack, record.zone)
      (createdBy, createdAt) = (record.createdBy, record.createdAt)
    }
  }

  fileprivate func isStored(as record: RunRecord) -> Bool {
    guard record.state == .queued else { return false }
    return switch self {
    case .new(let run): run == NewRun(record)
    case .reopened(let id): id == record.id
    }
  }
}

extension Engine {
  func doubt(_ run: DoubtedRun) {
    state.withLock { $0.doubted.append(run) }
    doubtsInput.yield()
  }

  /// Takes up those that are stored after all; a reopened one whose journal does not say so fails again as it had. Whatever
  /// comes later has to wait for that: left to the next server, they would have their turn behind what was asked for since,
  /// and bring back what that has replaced.
  func settleDoubts() async throws(EngineError) {
    guard state.withLock({ !$0.doubted.isEmpty }) else { return }
    let environment = try surroundings()
    try await takeUpAlone {
      let doubted = state.withLock(\.doubted)
      guard !doubted.isEmpty else { return }
      for record in try await store.unfinishedRuns() where live(record.id) == nil {
        guard doubted.contains(where: { $0.isStored(as: record) }) else { continue }
        _ = environment.locks.withLock {
          $0.request(.init(stack: record.stack, zone: record.zone), record.id, record.createdBy, at: time.now())
        }
        try await takeUp(record, environment)
      }
      // Others may have come behind them meanwhile.
      state.withLock { $0.doubted.removeFirst(doubted.count) }
    }
  }

  /// One after another: a run that was taken up may be over before somebody else who has found it takes it up, and one that is
  /// being reopened is driven by nobody yet.
  func takeUpAlone(_ body: () async throws -> Void) async throws(EngineError) {
    do {
      try await takingUp.withPermit(body)
    } catch let error as EngineError {
      throw error
    } catch let error as StoreError {
      throw EngineError(error)
    } catch {
      throw EngineError(.unavailable, "given up while runs were being taken up")
    }
  }

  /// Does so as soon as the store serves, also where nothing comes later.
  func settleDoubtsLater(_ environment: EngineEnvironment) async {
    for await _ in doubts {
      // A server that stops leaves them to the next one.
      while state.withLock({ !$0.doubted.isEmpty && !$0.isStopping }) {
        do { try await environment.time.sleep(for: .seconds(1)) } catch { return }
        try? await settleDoubts()
      }
    }
  }
}
