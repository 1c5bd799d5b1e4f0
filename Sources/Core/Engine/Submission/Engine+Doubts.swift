import Concurrency
import JSON
import Store

/// Runs that may be stored although the store has said otherwise, as a disk can fail behind a commit.
extension Engine {
  /// Notes such a run: whoever asked for it was told that it could not be stored.
  func doubt(_ draft: RunRecord) {
    // It is known by who asked for it, and when.
    var draft = draft
    draft.snapshot = .null
    state.withLock { state in
      state.doubts += 1
      state.doubted[state.doubts] = draft
    }
    doubtsInput.yield()
  }

  /// Takes up those that are stored after all. Whatever comes later has to wait for that: left to the next server, they would have
  /// their turn behind what was asked for since, and bring back what that has replaced.
  func settleDoubts() async throws(EngineError) {
    let doubted = state.withLock(\.doubted)
    guard !doubted.isEmpty else { return }
    let environment = try surroundings()
    do {
      for record in try await store.unfinishedRuns() where live(record.id) == nil {
        guard record.state == .queued, doubted.values.contains(where: { $0.isDraft(of: record) }) else { continue }
        _ = environment.locks.withLock {
          $0.request(
            .init(stack: record.stack, zone: record.zone), record.id, record.createdBy, at: record.createdAt)
        }
        try await takeUp(record, environment)
      }
    } catch {
      throw EngineError(error)
    }
    state.withLock { state in
      for number in doubted.keys { state.doubted[number] = nil }
    }
  }

  /// Does so as soon as the store serves, also where nothing comes later.
  func settleDoubtsLater(_ environment: EngineEnvironment) async {
    for await _ in doubts {
      while state.withLock({ !$0.doubted.isEmpty }) {
        do { try await environment.time.sleep(for: .seconds(1)) } catch { return }
        try? await settleDoubts()
      }
    }
  }
}

extension RunRecord {
  fileprivate func isDraft(of record: RunRecord) -> Bool {
    record.kind == kind && record.stack == stack && record.zone == zone && record.createdBy == createdBy
      && record.createdAt == createdAt
  }
}
