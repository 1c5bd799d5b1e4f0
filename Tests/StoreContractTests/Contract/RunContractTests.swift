import Concurrency
import JSON
import Store
import Testing

@Suite struct RunContractTests {
  @Test(arguments: StoreFactory.all)
  func runsComeBackEqual(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var draft = Sample.run(stack: "s", zone: "z", state: .failed, kind: .down)
      draft.id = RunID(99)
      draft.version = 99
      draft.error = "it broke"
      draft.startedAt = Sample.time + .seconds(1)
      draft.endedAt = Sample.time + .seconds(2)
      let stored = try await store.createRun(draft, epoch: epoch)
      var expected = draft
      expected.id = RunID(1)
      expected.version = 1
      #expect(stored == expected)
      #expect(try await store.run(RunID(1)) == expected)
      #expect(try await store.createRun(Sample.run(), epoch: epoch).id == RunID(2))
      for id in [-1, 0, 3, 99] as [Int64] { #expect(try await store.run(RunID(id)) == nil) }
    }
  }

  @Test(arguments: StoreFactory.all)
  func compareAndSet(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let created = try await store.createRun(Sample.run(), epoch: epoch)
      var change = created
      change.state = .running
      change.startedAt = Sample.time
      change.snapshot = .null
      let updated = try await store.updateRun(change, epoch: epoch)
      change.version = 2
      #expect(updated == change)
      // What the run was started with stays.
      change.snapshot = created.snapshot
      #expect(change.snapshot != .null)
      #expect(try await store.run(created.id) == change)
      var late = created
      late.state = .failed
      await expectFailure(.changed) { try await store.updateRun(late, epoch: epoch) }
      var early = updated
      early.version = 3
      await expectFailure(.changed) { try await store.updateRun(early, epoch: epoch) }
      #expect(try await store.run(created.id) == change)
      var unknown = created
      unknown.id = RunID(50)
      await expectFailure(.notFound) { try await store.updateRun(unknown, epoch: epoch) }
    }
  }

  @Test(arguments: StoreFactory.all)
  func filters(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for state in RunRecord.State.allCases {
        for zone in ["", "z"] {
          for stack in ["s", "t"] {
            _ = try await store.createRun(Sample.run(stack: stack, zone: zone, state: state), epoch: epoch)
          }
        }
      }
      let everything = try await store.runs(matching: RunFilter(), after: nil, limit: 1_000).elements
      #expect(everything.map(\.id.number) == Array((1...24).reversed()))
      let states: [Set<RunRecord.State>] = [
        [], [.blocked], [.queued, .running], [.failed], [.failed, .queued], Set(RunRecord.State.allCases),
      ]
      for set in states {
        for stack in [nil, "s", "none"] {
          for zone in [nil, "", "z"] {
            let filter = RunFilter(stack: stack, zone: zone, states: set)
            let expected = everything.filter {
              (stack == nil || $0.stack == stack) && (zone == nil || $0.zone == zone)
                && (set.isEmpty || set.contains($0.state))
            }
            let found = try await store.runs(matching: filter, after: nil, limit: 1_000).elements
            #expect(found == expected, "\(filter)")
          }
        }
      }
    }
  }

  @Test(arguments: StoreFactory.all)
  func unfinishedRuns(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for state in RunRecord.State.allCases + [.running] {
        _ = try await store.createRun(Sample.run(state: state), epoch: epoch)
      }
      let unfinished = try await store.unfinishedRuns()
      #expect(unfinished.map(\.state) == [.queued, .running, .blocked, .running])
      #expect(unfinished.map(\.id.number) == [1, 2, 3, 7])
      var ended = unfinished[1]
      ended.state = .succeeded
      _ = try await store.updateRun(ended, epoch: epoch)
      #expect(try await store.unfinishedRuns().map(\.id.number) == [1, 3, 7])
    }
  }

  @Test(arguments: StoreFactory.all)
  func removedNumbersAreNotUsedAgain(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let first = try await store.createRun(Sample.run(), epoch: epoch)
      let second = try await store.createRun(Sample.run(), epoch: epoch)
      try await store.appendJournal([Sample.line(1)], to: second.id, epoch: epoch)
      try await store.removeRun(second.id, epoch: epoch)
      try await store.removeRun(second.id, epoch: epoch)
      #expect(try await store.run(second.id) == nil)
      #expect(try await store.journal(of: second.id, after: 0, limit: 10) == [])
      #expect(try await store.run(first.id) == first)
      #expect(try await store.createRun(Sample.run(), epoch: epoch).id == RunID(3))
      await expectFailure(.notFound) { try await store.updateRun(second, epoch: epoch) }
      await expectFailure(.notFound) { try await store.appendJournal([Sample.line(2)], to: second.id, epoch: epoch) }
    }
  }
}
