import Store
import Testing

@Suite struct OwnershipContractTests {
  @Test(arguments: StoreFactory.all)
  func claimingAndChanging(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var record = Sample.ownership("/web")
      #expect(try await store.owner(of: "/web") == nil)
      await expectFailure(.changed) {
        try await store.putOwnership(Sample.ownership("/web", version: 2), epoch: epoch)
      }
      try await store.putOwnership(record, epoch: epoch)
      #expect(try await store.owner(of: "/web") == record)
      await expectFailure(.exists) {
        try await store.putOwnership(Sample.ownership("/web", stack: "thief"), epoch: epoch)
      }
      record.version = 2
      record.versionBefore = nil
      record.dependencies = []
      record.stack = "heir"
      try await store.putOwnership(record, epoch: epoch)
      for version in [0, 2, 4] {
        await expectFailure(.changed) {
          try await store.putOwnership(Sample.ownership("/web", version: version), epoch: epoch)
        }
      }
      #expect(try await store.owner(of: "/web") == record)
    }
  }

  @Test(arguments: StoreFactory.all)
  func manyAtOnceAreOneCommit(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let records = ["/b", "/a"].map { Sample.ownership($0) }
      try await store.putOwnership(records, epoch: epoch)
      #expect(try await store.owners(of: ["/b", "/missing", "/a"]) == records)
      await expectFailure(.exists) {
        try await store.putOwnership([Sample.ownership("/c"), Sample.ownership("/a")], epoch: epoch)
      }
      await expectFailure(.changed) {
        try await store.putOwnership([Sample.ownership("/c"), Sample.ownership("/d", version: 2)], epoch: epoch)
      }
      #expect(try await store.owners(of: ["/a", "/b", "/c", "/d"]) == records.reversed())
      try await store.putOwnership([], epoch: epoch)
    }
  }

  @Test(arguments: StoreFactory.all)
  func byStackAndZone(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for name in ["/b", "/a", "/B"] { try await store.putOwnership(Sample.ownership(name), epoch: epoch) }
      try await store.putOwnership(Sample.ownership("/c", zone: "y"), epoch: epoch)
      try await store.putOwnership(Sample.ownership("/d", stack: "t"), epoch: epoch)
      #expect(try await store.ownership(stack: "s", zone: "z").map(\.application) == ["/B", "/a", "/b"])
      #expect(try await store.ownership(stack: "s", zone: "y") == [Sample.ownership("/c", zone: "y")])
      #expect(try await store.ownership(stack: "s", zone: "") == [])
    }
  }

  @Test(arguments: StoreFactory.all)
  func removing(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      try await store.putOwnership(Sample.ownership("/a"), epoch: epoch)
      try await store.removeOwnership(of: "/a", epoch: epoch)
      try await store.removeOwnership(of: "/a", epoch: epoch)
      #expect(try await store.owner(of: "/a") == nil)
      #expect(try await store.ownership(stack: "s", zone: "z") == [])
      try await store.putOwnership(Sample.ownership("/a", stack: "next"), epoch: epoch)
      #expect(try await store.owner(of: "/a")?.stack == "next")
    }
  }
}
