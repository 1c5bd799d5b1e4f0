import Store
import Testing

/// Contents of files: there for as long as a revision or a run refers to them, and through these only.
@Suite struct ContentContractTests {
  private static let one = Sample.content("one")
  private static let two = Sample.content("two", size: 70_000)
  private static let empty = Sample.content("")

  private static func read(
    _ store: any Store, _ contents: [FileContent], of referrer: ContentReferrer
  ) async throws -> [String] {
    let found = try await store.contents(contents.map(\.hash), of: referrer)
    for (hash, bytes) in found { #expect(ContentHash(of: bytes) == hash) }
    return contents.filter { found[$0.hash] == $0.bytes }.map { String(decoding: $0.bytes.prefix(3), as: UTF8.self) }
  }

  @Test(arguments: StoreFactory.all)
  func filesComeBackWithTheirRevision(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let composed = "caf\u{E9}.lua"
      let decomposed = "cafe\u{301}.lua"
      let first = Sample.stack(
        "s", ["z.lua": Self.one, "a/b.lua": Self.two, "a.lua": Self.one, composed: Self.one, decomposed: Self.empty])
      try await store.add(first.record, contents: first.contents)
      let second = Sample.stack("s", revision: 2, ["Z.lua": Self.empty])
      try await store.add(second.record, contents: second.contents)
      let plain = Sample.stack("s", revision: 3)
      try await store.add(plain)
      let stored = try #require(try await store.stack(named: "s", revision: 1))
      #expect(stored == first.record)
      #expect(
        stored.files.map { Array($0.path.utf8) }
          == ["a.lua", "a/b.lua", decomposed, composed, "z.lua"].map { Array($0.utf8) })
      #expect(stored.files.map(\.size) == [3, 70_003, 0, 3, 3])
      #expect(stored.file(at: composed)?.content == Self.one.hash)
      #expect(stored.file(at: decomposed)?.content == Self.empty.hash)
      #expect(stored.file(at: "A.lua") == nil)
      #expect(try await store.stack(named: "s", revision: 2) == second.record)
      #expect(try await store.stack(named: "s", revision: nil) == plain)
      #expect(try await store.stacks(after: nil, limit: 10).elements == [plain])
      let all = [Self.one, Self.two, Self.empty]
      #expect(try await Self.read(store, all, of: .stack("s")) == ["one", "two", ""])
      #expect(try await store.contents([], of: .stack("s")).isEmpty)
    }
  }

  /// Whoever does not refer to a content cannot tell whether it is stored.
  @Test(arguments: StoreFactory.all)
  func contentsAreReadThroughWhatRefersToThem(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let s = Sample.stack("s", ["one": Self.one])
      let t = Sample.stack("t", ["two": Self.two])
      for stack in [s, t] { try await store.add(stack.record, contents: stack.contents) }
      let run = try await store.createRun(
        Sample.run(), pinning: [ContentPin(stack: "t", content: Self.two.hash)], epoch: epoch)
      let other = try await store.createRun(Sample.run(), epoch: epoch)
      let both = [Self.one, Self.two]
      #expect(try await Self.read(store, both, of: .stack("s")) == ["one"])
      #expect(try await Self.read(store, both, of: .stack("t")) == ["two"])
      #expect(try await Self.read(store, both, of: .stack("u")) == [])
      #expect(try await Self.read(store, both, of: .run(run.id)) == ["two"])
      #expect(try await Self.read(store, both, of: .run(other.id)) == [])
      #expect(try await Self.read(store, both, of: .run(RunID(99))) == [])
    }
  }

  /// A refused revision leaves nothing of its contents behind.
  @Test(arguments: StoreFactory.all)
  func whatIsRefusedStoresNothing(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let s = Sample.stack("s", ["one": Self.one])
      try await store.add(s.record, contents: s.contents)
      let again = Sample.stack("s", ["two": Self.two])
      await expectFailure(.exists) { try await store.add(again.record, contents: again.contents) }
      let late = Sample.stack("s", revision: 3, ["two": Self.two])
      await expectFailure(.changed) { try await store.add(late.record, contents: late.contents) }
      #expect(try await store.stack(named: "s", revision: nil) == s.record)
      #expect(try await Self.read(store, [Self.two], of: .stack("s")) == [])
      await expectFailure(.changed) {
        try await store.createRun(
          Sample.run(), pinning: [ContentPin(stack: "s", content: Self.two.hash)], epoch: epoch)
      }
    }
  }

  @Test(arguments: StoreFactory.all)
  func aRunKeepsWhatItHasPinned(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let s = Sample.stack("s", ["one": Self.one, "two": Self.two, "again": Self.one])
      try await store.add(s.record, contents: s.contents)
      let second = Sample.stack("s", revision: 2, ["empty": Self.empty])
      try await store.add(second.record, contents: second.contents)
      let run = try await store.createRun(Sample.run(), pinning: s.record.pins, epoch: epoch)
      let other = try await store.createRun(
        Sample.run(), submission: Submission(user: "anna", key: "k", digest: "d"),
        pinning: [ContentPin(stack: "s", content: Self.one.hash)], epoch: epoch)
      guard case .created(let other) = other else {
        Issue.record("\(other)")
        return
      }
      try await store.removeStack(named: "s")
      let all = [Self.one, Self.two, Self.empty]
      #expect(try await Self.read(store, all, of: .stack("s")) == [])
      #expect(try await Self.read(store, all, of: .run(run.id)) == ["one", "two"])
      #expect(try await Self.read(store, all, of: .run(other.id)) == ["one"])
      // A stack of the name that comes later has nothing to do with it.
      try await store.add(Sample.stack("s"))
      #expect(try await Self.read(store, all, of: .stack("s")) == [])
      try await store.removeRun(run.id, epoch: epoch)
      #expect(try await Self.read(store, all, of: .run(run.id)) == [])
      #expect(try await Self.read(store, all, of: .run(other.id)) == ["one"])
    }
  }

  /// The stack was removed between the moment a run was planned and the moment it is created.
  @Test(arguments: StoreFactory.all)
  func whatIsGoneCannotBePinned(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let s = Sample.stack("s", ["one": Self.one, "two": Self.two])
      try await store.add(s.record, contents: s.contents)
      let t = Sample.stack("t", ["one": Self.one])
      try await store.add(t.record, contents: t.contents)
      try await store.removeStack(named: "s")
      await expectFailure(.changed) {
        try await store.createRun(Sample.run(), pinning: t.record.pins + s.record.pins, epoch: epoch)
      }
      await expectFailure(.changed) {
        try await store.createRun(
          Sample.run(), submission: Submission(user: "anna", key: "k", digest: "d"), pinning: s.record.pins,
          epoch: epoch)
      }
      #expect(try await store.runs(matching: RunFilter(), after: nil, limit: 10).elements.isEmpty)
      #expect(try await store.submittedRun(key: "k", user: "anna", since: Sample.time) == nil)
      #expect(try await store.createRun(Sample.run(), pinning: t.record.pins, epoch: epoch).id == RunID(1))
      await expectFailure(.staleEpoch) {
        try await store.createRun(Sample.run(), pinning: t.record.pins, epoch: Epoch(epoch.number - 1))
      }
    }
  }

  /// Stacks come and go while runs pin what they have: every run that was created has its contents, whatever happened.
  @Test(arguments: StoreFactory.all)
  func pinsWhileStacksComeAndGo(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let s = Sample.stack("s", ["one": Self.one, "two": Self.two])
      let kept = try await withThrowingTaskGroup(of: [RunID].self) { group in
        group.addTask {
          for _ in 0..<50 {
            try await store.add(s.record, contents: s.contents)
            await Task.yield()
            try await store.removeStack(named: "s")
          }
          return []
        }
        for _ in 0..<4 {
          group.addTask {
            var created: [RunID] = []
            for _ in 0..<50 {
              do {
                created.append(
                  try await store.createRun(Sample.run(), pinning: s.record.pins, epoch: epoch).id)
              } catch let error as StoreError where error.code == .changed {}
            }
            return created
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      for run in kept {
        #expect(try await Self.read(store, [Self.one, Self.two], of: .run(run)) == ["one", "two"], "run \(run)")
      }
    }
  }
}
