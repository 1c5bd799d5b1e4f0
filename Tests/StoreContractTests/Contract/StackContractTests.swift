import StackModel
import Store
import Testing

@Suite struct StackContractTests {
  @Test(arguments: StoreFactory.all)
  func whatIsAddedComesBackEqual(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let records = [
        Sample.stack("plain"), Sample.stack("child", from: "plain"), Sample.stack("dc", level: .datacenter),
        Sample.stack("zone", level: .zone), Sample.stack(""), Sample.stack("name with / \0 and ' quotes"),
      ]
      for record in records { try await store.add(record) }
      for record in records {
        #expect(try await store.stack(named: record.name, revision: nil) == record)
        #expect(try await store.stack(named: record.name, revision: 1) == record)
      }
      let source = try await store.stack(named: "plain", revision: nil)?.source
      #expect(source.map { Array($0.utf8) } == Array(records[0].source.utf8), "byte for byte")
    }
  }

  @Test(arguments: StoreFactory.all)
  func whatIsNotThere(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await store.add(Sample.stack("a"))
      #expect(try await store.stack(named: "b", revision: nil) == nil)
      for revision in [-1, 0, 2] { #expect(try await store.stack(named: "a", revision: revision) == nil) }
      #expect(try await store.children(of: "a") == [])
      await expectFailure(.notFound) { try await store.removeStack(named: "b") }
    }
  }

  @Test(arguments: StoreFactory.all)
  func revisions(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await store.add(Sample.stack("a"))
      await expectFailure(.exists) { try await store.add(Sample.stack("a")) }
      await expectFailure(.changed) { try await store.add(Sample.stack("a", revision: 3)) }
      await expectFailure(.changed) { try await store.add(Sample.stack("b", revision: 2)) }
      await expectFailure(.changed) { try await store.add(Sample.stack("c", revision: 0)) }
      try await store.add(Sample.stack("a", revision: 2, from: "x"))
      await expectFailure(.changed) { try await store.add(Sample.stack("a", revision: 2)) }
      await expectFailure(.exists) { try await store.add(Sample.stack("a")) }
      #expect(try await store.stack(named: "a", revision: nil) == Sample.stack("a", revision: 2, from: "x"))
      #expect(try await store.stack(named: "a", revision: 1) == Sample.stack("a"))
      #expect(try await store.stackNames() == ["a"])
    }
  }

  @Test(arguments: StoreFactory.all)
  func removedNameStartsAnew(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await store.add(Sample.stack("a"))
      try await store.add(Sample.stack("a", revision: 2))
      try await store.add(Sample.stack("b", from: "a"))
      try await store.removeStack(named: "a")
      #expect(try await store.stack(named: "a", revision: nil) == nil)
      #expect(try await store.stack(named: "a", revision: 1) == nil)
      #expect(try await store.stackNames() == ["b"])
      await expectFailure(.changed) { try await store.add(Sample.stack("a", revision: 3)) }
      try await store.add(Sample.stack("a"))
      #expect(try await store.stack(named: "a", revision: 2) == nil)
      #expect(try await store.stackNames() == ["a", "b"])
    }
  }

  /// Children are those whose latest revision inherits, not an older one.
  @Test(arguments: StoreFactory.all)
  func children(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      for name in ["z", "Z", "é", "a"] { try await store.add(Sample.stack(name, from: "base")) }
      try await store.add(Sample.stack("left", from: "base"))
      try await store.add(Sample.stack("left", revision: 2, from: "other"))
      try await store.add(Sample.stack("late"))
      try await store.add(Sample.stack("late", revision: 2, from: "base"))
      #expect(try await store.children(of: "base") == ["Z", "a", "late", "z", "é"])
      #expect(try await store.children(of: "other") == ["left"])
    }
  }

  /// Order and identity are those of bytes: neither case nor Unicode's equivalences count.
  @Test(arguments: StoreFactory.all)
  func namesAreBytes(_ factory: StoreFactory) async throws {
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"
    try await factory.withStore { store in
      for name in [composed, "b", "B", decomposed, "\u{FFFD}", "🚀", "a-b", "a", "aa"] {
        try await store.add(Sample.stack(name))
      }
      let names = try await store.stackNames()
      let expected = ["B", "a", "a-b", "aa", "b", decomposed, composed, "\u{FFFD}", "🚀"]
      #expect(names.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
      let page = try await store.stacks(after: nil, limit: 100)
      #expect(page.elements.map { Array($0.name.utf8) } == expected.map { Array($0.utf8) })
      try await store.removeStack(named: composed)
      #expect(try await store.stack(named: decomposed, revision: nil) != nil)
      #expect(try await store.stack(named: composed, revision: nil) == nil)
    }
  }
}
