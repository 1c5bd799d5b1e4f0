import JSON
import StackModel
import Store
import TestFolders
import Testing

/// Only for stores that keep their records.
@Suite struct ReopeningContractTests {
  @Test(arguments: StoreFactory.persistent)
  func everythingIsThereAgain(_ factory: StoreFactory) async throws {
    let folder = try TemporaryFolder()
    let store = try await factory.open(folder.path)
    let epoch = try await store.beginEpoch()
    let stacks = [Sample.stack("a"), Sample.stack("b", from: "a", level: .cluster)]
    for stack in stacks { try await store.add(stack) }
    try await store.add(Sample.user("anna"))
    let run = try await store.createRun(Sample.run(state: .running), epoch: epoch)
    let removed = try await store.createRun(Sample.run(), epoch: epoch)
    try await store.removeRun(removed.id, epoch: epoch)
    let document = DocumentWrite(stack: "a", key: "k", version: Sample.time, change: .put(["n": 1], expiresAt: nil))
    try await store.appendJournal(
      [Sample.line(1), Sample.line(2)], documents: [document], to: run.id, epoch: epoch)
    try await store.putOwnership(Sample.ownership("/web"), epoch: epoch)
    try await store.setSetting("cluster", to: "abc")
    await store.close()

    let again = try await factory.open(folder.path)
    #expect(try await again.stacks(after: nil, limit: 10).elements == stacks)
    #expect(try await again.children(of: "a") == ["b"])
    #expect(try await again.users() == [Sample.user("anna")])
    #expect(try await again.unfinishedRuns() == [run])
    #expect(try await again.journal(of: run.id, after: 0, limit: 10) == [Sample.line(1), Sample.line(2)])
    #expect(
      try await again.document("k", of: "a", at: Sample.time)
        == DocumentRecord(key: "k", value: ["n": 1], version: Sample.time))
    #expect(try await again.documentCount(of: "a") == 1)
    #expect(try await again.owner(of: "/web") == Sample.ownership("/web"))
    #expect(try await again.setting("cluster") == "abc")
    let next = try await again.beginEpoch()
    #expect(next.number == epoch.number + 1)
    await expectFailure(.staleEpoch) { try await again.createRun(Sample.run(), epoch: epoch) }
    #expect(try await again.createRun(Sample.run(), epoch: next).id == RunID(3))
    await again.close()
  }

  /// A token given out before a restart still says where the list goes on.
  @Test(arguments: StoreFactory.persistent)
  func tokensOutliveTheServer(_ factory: StoreFactory) async throws {
    let folder = try TemporaryFolder()
    let store = try await factory.open(folder.path)
    for name in ["a", "b"] { try await store.add(Sample.stack(name)) }
    let token = try await store.stacks(after: nil, limit: 1).next
    await store.close()
    let again = try await factory.open(folder.path)
    #expect(try await again.stacks(after: token, limit: 1).elements.map(\.name) == ["b"])
    await again.close()
  }
}
