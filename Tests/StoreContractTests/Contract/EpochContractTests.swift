import Store
import TestFolders
import Testing

@Suite struct EpochContractTests {
  @Test(arguments: StoreFactory.all)
  func epochsRise(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let first = try await store.beginEpoch()
      let second = try await store.beginEpoch()
      #expect(second.number == first.number + 1)
    }
  }

  /// Once another server has begun, nothing of the older one is stored.
  @Test(arguments: StoreFactory.all)
  func olderServerWritesNoMore(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let old = try await store.beginEpoch()
      let run = try await store.createRun(Sample.run(), epoch: old)
      try await store.appendJournal([Sample.line(1)], to: run.id, epoch: old)
      try await store.putOwnership(Sample.ownership("/a"), epoch: old)
      let new = try await store.beginEpoch()

      await expectFailure(.staleEpoch) { try await store.createRun(Sample.run(), epoch: old) }
      await expectFailure(.staleEpoch) { try await store.updateRun(run, epoch: old) }
      await expectFailure(.staleEpoch) { try await store.appendJournal([Sample.line(2)], to: run.id, epoch: old) }
      await expectFailure(.staleEpoch) { try await store.removeRun(run.id, epoch: old) }
      await expectFailure(.staleEpoch) {
        try await store.putOwnership(Sample.ownership("/a", version: 2), epoch: old)
      }
      await expectFailure(.staleEpoch) { try await store.removeOwnership(of: "/a", epoch: old) }

      #expect(try await store.run(run.id) == run)
      #expect(try await store.run(RunID(2)) == nil)
      #expect(try await store.journal(of: run.id, after: 0, limit: 10) == [Sample.line(1)])
      #expect(try await store.owner(of: "/a") == Sample.ownership("/a"))
      try await store.appendJournal([Sample.line(2)], to: run.id, epoch: new)
      _ = try await store.updateRun(run, epoch: new)
    }
  }

  @Test(arguments: StoreFactory.all)
  func settings(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      #expect(try await store.setting("cluster") == nil)
      try await store.setSetting("cluster", to: "abc")
      try await store.setSetting("other", to: "")
      try await store.setSetting("cluster", to: "def")
      #expect(try await store.setting("cluster") == "def")
      #expect(try await store.setting("other") == "")
    }
  }

  @Test(arguments: StoreFactory.all)
  func closedStoreRefuses(_ factory: StoreFactory) async throws {
    let folder = try TemporaryFolder()
    let store = try await factory.open(folder.path)
    let epoch = try await store.beginEpoch()
    #expect(!store.summary.isEmpty)
    await store.close()
    await store.close()
    await expectFailure(.closed) { try await store.stackNames() }
    await expectFailure(.closed) { try await store.add(Sample.stack("a")) }
    await expectFailure(.closed) { try await store.createRun(Sample.run(), epoch: epoch) }
    await expectFailure(.closed) { try await store.beginEpoch() }
    await expectFailure(.closed) { try await store.users() }
    await expectFailure(.closed) { try await store.owner(of: "/a") }
    await expectFailure(.closed) { try await store.document("k", of: "a", at: Sample.time) }
  }
}
