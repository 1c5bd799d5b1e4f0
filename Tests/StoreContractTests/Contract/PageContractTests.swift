import Store
import Testing

@Suite struct PageContractTests {
  private static let count = 2_500

  /// Each record once, in order, whatever the size of the pages.
  @Test(arguments: StoreFactory.all)
  func walkOverStacks(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<Self.count { group.addTask { try await store.add(Sample.stack("stack-\(number)")) } }
        try await group.waitForAll()
      }
      let expected = (0..<Self.count).map { "stack-\($0)" }.sorted()
      #expect(try await store.stackNames() == expected)
      for limit in [500, 999, 1_000] {
        var names: [String] = []
        var token: PageToken?
        repeat {
          let page = try await store.stacks(after: token, limit: limit)
          #expect(page.elements.count <= limit)
          names += page.elements.map(\.name)
          token = page.next
        } while token != nil && names.count <= Self.count
        #expect(names == expected)
      }
    }
  }

  @Test(arguments: StoreFactory.all)
  func walkOverUsers(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<Self.count { group.addTask { try await store.add(Sample.user("user-\(number)")) } }
        try await group.waitForAll()
      }
      let expected = (0..<Self.count).map { "user-\($0)" }.sorted()
      #expect(try await store.users().map(\.name) == expected)
      for limit in [500, 999, 1_000] {
        var names: [String] = []
        var token: PageToken?
        repeat {
          let page = try await store.users(after: token, limit: limit)
          #expect(page.elements.count <= limit)
          names += page.elements.map(\.name)
          token = page.next
        } while token != nil && names.count <= Self.count
        #expect(names == expected)
      }
    }
  }

  @Test(arguments: StoreFactory.all)
  func walkOverRuns(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<Self.count {
          let draft = Sample.run(stack: number.isMultiple(of: 2) ? "even" : "odd")
          group.addTask { _ = try await store.createRun(draft, epoch: epoch) }
        }
        try await group.waitForAll()
      }
      for (filter, count) in [(RunFilter(), Self.count), (RunFilter(stack: "even"), Self.count / 2)] {
        var ids: [RunID] = []
        var token: PageToken?
        repeat {
          let page = try await store.runs(matching: filter, after: token, limit: 333)
          ids += page.elements.map(\.id)
          token = page.next
        } while token != nil && ids.count <= Self.count
        #expect(ids.count == count)
        #expect(ids == Array(Set(ids)).sorted().reversed(), "newest first, each once")
      }
    }
  }

  /// A last page that is full has no next one.
  @Test(arguments: StoreFactory.all)
  func endOfTheList(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      #expect(try await store.stacks(after: nil, limit: 1).next == nil)
      #expect(try await store.runs(matching: RunFilter(), after: nil, limit: 1).next == nil)
      #expect(try await store.users(after: nil, limit: 1).next == nil)
      for name in ["", "a", "b"] {
        try await store.add(Sample.stack(name))
        try await store.add(Sample.user(name))
      }
      for _ in 0..<3 { _ = try await store.createRun(Sample.run(), epoch: epoch) }
      #expect(try await store.stacks(after: nil, limit: 3).next == nil)
      #expect(try await store.runs(matching: RunFilter(), after: nil, limit: 3).next == nil)
      let first = try await store.stacks(after: nil, limit: 1)
      #expect(first.elements.map(\.name) == [""])
      let second = try await store.stacks(after: first.next, limit: 2)
      #expect(second.elements.map(\.name) == ["a", "b"])
      #expect(second.next == nil)
      #expect(try await store.users(after: nil, limit: 3).next == nil)
      let users = try await store.users(after: nil, limit: 1)
      #expect(users.elements.map(\.name) == [""])
      let others = try await store.users(after: users.next, limit: 2)
      #expect(others.elements.map(\.name) == ["a", "b"])
      #expect(others.next == nil)
    }
  }

  /// A list goes on where it was, though the record there has gone and others have come.
  @Test(arguments: StoreFactory.all)
  func changesBetweenPages(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for name in ["a", "b", "c", "d"] {
        try await store.add(Sample.stack(name))
        try await store.add(Sample.user(name))
      }
      for _ in 0..<4 { _ = try await store.createRun(Sample.run(), epoch: epoch) }
      let stacks = try await store.stacks(after: nil, limit: 2)
      let runs = try await store.runs(matching: RunFilter(), after: nil, limit: 2)
      let users = try await store.users(after: nil, limit: 2)
      for name in ["aa", "bb"] { try await store.add(Sample.user(name)) }
      #expect(try await store.users(after: users.next, limit: 9).elements.map(\.name) == ["bb", "c", "d"])
      try await store.removeStack(named: "b")
      try await store.add(Sample.stack("aa"))
      try await store.add(Sample.stack("bb"))
      try await store.removeRun(RunID(3), epoch: epoch)
      _ = try await store.createRun(Sample.run(), epoch: epoch)
      #expect(try await store.stacks(after: stacks.next, limit: 9).elements.map(\.name) == ["bb", "c", "d"])
      let rest = try await store.runs(matching: RunFilter(), after: runs.next, limit: 9)
      #expect(rest.elements.map(\.id.number) == [2, 1])
    }
  }

  @Test(arguments: StoreFactory.all)
  func limitsOutOfBounds(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      for limit in [Int.min, -1, 0, 1_001, .max] {
        await expectFailure(.invalidLimit) { try await store.stacks(after: nil, limit: limit) }
        await expectFailure(.invalidLimit) { try await store.users(after: nil, limit: limit) }
        await expectFailure(.invalidLimit) { try await store.runs(matching: RunFilter(), after: nil, limit: limit) }
      }
      for limit in [Int.min, -1, 0] {
        await expectFailure(.invalidLimit) { try await store.journal(of: run.id, after: 0, limit: limit) }
      }
      #expect(try await store.journal(of: run.id, after: 0, limit: .max) == [])
    }
  }

  @Test(arguments: StoreFactory.all)
  func tokensThatAreNone(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for name in ["a", "b"] {
        try await store.add(Sample.stack(name))
        try await store.add(Sample.user(name))
      }
      for _ in 0..<2 { _ = try await store.createRun(Sample.run(), epoch: epoch) }
      let stacks = try #require(try await store.stacks(after: nil, limit: 1).next)
      let runs = try #require(try await store.runs(matching: RunFilter(), after: nil, limit: 1).next)
      let users = try #require(try await store.users(after: nil, limit: 1).next)
      var bad = ["", "a", "1", "1-stacks", "1-stacks--", "1-runs-00-00", "🚀", String(repeating: "-", count: 1_000)]
      for text in [stacks.text, runs.text, users.text] {
        bad += [String(text.dropLast()), String(text.dropFirst()), text + "0", "2" + text.dropFirst()]
      }
      for text in bad {
        let token = PageToken(text: text)
        await expectFailure(.invalidPageToken) { try await store.stacks(after: token, limit: 1) }
        await expectFailure(.invalidPageToken) { try await store.users(after: token, limit: 1) }
        await expectFailure(.invalidPageToken) { try await store.runs(matching: RunFilter(), after: token, limit: 1) }
      }
      await expectFailure(.invalidPageToken) { try await store.stacks(after: runs, limit: 1) }
      await expectFailure(.invalidPageToken) { try await store.stacks(after: users, limit: 1) }
      await expectFailure(.invalidPageToken) { try await store.users(after: stacks, limit: 1) }
      await expectFailure(.invalidPageToken) { try await store.runs(matching: RunFilter(), after: stacks, limit: 1) }
    }
  }
}
