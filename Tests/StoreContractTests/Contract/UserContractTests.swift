import Store
import Testing

@Suite struct UserContractTests {
  @Test(arguments: StoreFactory.all)
  func usersComeBackEqual(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      #expect(try await store.users() == [])
      #expect(try await store.user(named: "anna") == nil)
      var original = Sample.user("old", role: .admin)
      original.key = .sha1([UInt8](0..<20))
      let users = [Sample.user("zoe"), Sample.user("anna", role: .admin, byte: 2), original, Sample.user("Bert")]
      for user in users { try await store.add(user) }
      for user in users { #expect(try await store.user(named: user.name) == user) }
      #expect(try await store.users().map(\.name) == ["Bert", "anna", "old", "zoe"])
      #expect(try await store.users()[2] == original)
    }
  }

  @Test(arguments: StoreFactory.all)
  func namesAreTakenOnce(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await store.add(Sample.user("anna"))
      await expectFailure(.exists) { try await store.add(Sample.user("anna", role: .admin)) }
      #expect(try await store.user(named: "anna") == Sample.user("anna"))
    }
  }

  @Test(arguments: StoreFactory.all)
  func replacing(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let (old, new) = (Sample.user("anna", byte: 1), Sample.user("anna", role: .admin, byte: 2))
      await expectFailure(.changed) { try await store.replace(old, with: new) }
      try await store.add(old)
      try await store.add(Sample.user("bert"))
      try await store.replace(old, with: new)
      #expect(try await store.user(named: "anna") == new)
      await expectFailure(.changed) { try await store.replace(old, with: Sample.user("anna", byte: 3)) }
      #expect(try await store.users() == [new, Sample.user("bert")])
    }
  }
}
