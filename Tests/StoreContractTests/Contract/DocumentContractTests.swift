import Concurrency
import JSON
import Store
import Testing

@Suite struct DocumentContractTests {
  private static let now = Sample.time

  /// A run's journal, with documents written along.
  private struct Journal {
    let store: any Store
    let epoch: Epoch
    let run: RunID
    private var last: Int64 = 0

    init(_ store: any Store, _ epoch: Epoch) async throws {
      self.store = store
      self.epoch = epoch
      run = try await store.createRun(Sample.run(), epoch: epoch).id
    }

    mutating func write(_ writes: DocumentWrite...) async throws {
      try await store.appendJournal([Sample.line(last + 1)], documents: writes, to: run, epoch: epoch)
      last += 1
    }
  }

  private static func put(
    _ key: String, _ value: JSON, of stack: String = "s", at version: Int = 0, expires: Int? = nil
  ) -> DocumentWrite {
    DocumentWrite(
      stack: stack, key: key, version: now + .milliseconds(version),
      change: .put(value, expiresAt: expires.map { now + .milliseconds($0) }))
  }

  private static func delete(_ key: String, of stack: String = "s", at version: Int = 0) -> DocumentWrite {
    DocumentWrite(stack: stack, key: key, version: now + .milliseconds(version), change: .delete)
  }

  private func keys(
    _ store: any Store, _ range: DocumentRange = DocumentRange(), of stack: String = "s", limit: Int = 1_000,
    at now: Timestamp = Self.now
  ) async throws -> [String] {
    try await store.documentKeys(of: stack, in: range, limit: limit, at: now).keys
  }

  @Test(arguments: StoreFactory.all)
  func valuesComeBackEqual(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var journal = try await Journal(store, epoch)
      let values: [JSON] = [
        true, -1, 1.0, "é\u{0}\u{1F680}", [], [:], ["z": 1, "a": [1, ["b": nil]]], .bigNumber("1e400"),
        .string(String(repeating: "x", count: 256 << 10)),
      ]
      for (index, value) in values.enumerated() { try await journal.write(Self.put("k\(index)", value, at: 5)) }
      for (index, value) in values.enumerated() {
        #expect(
          try await store.document("k\(index)", of: "s", at: Self.now)
            == DocumentRecord(key: "k\(index)", value: value, version: Self.now + .milliseconds(5)))
      }
      #expect(try await store.document("none", of: "s", at: Self.now) == nil)
      #expect(try await store.documentCount(of: "s") == values.count)
    }
  }

  /// Neither without the other.
  @Test(arguments: StoreFactory.all)
  func aDocumentIsWrittenWithItsEntries(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      await expectFailure(.changed) {
        try await store.appendJournal([Sample.line(2)], documents: [Self.put("a", 1)], to: run.id, epoch: epoch)
      }
      await expectFailure(.notFound) {
        try await store.appendJournal([Sample.line(1)], documents: [Self.put("a", 1)], to: RunID(50), epoch: epoch)
      }
      #expect(try await store.document("a", of: "s", at: Self.now) == nil)
      try await store.appendJournal(
        [Sample.line(1), Sample.line(2)],
        documents: [Self.put("a", 1), Self.put("b", 2), Self.put("a", 3, at: 1), Self.delete("b", at: 1)], to: run.id,
        epoch: epoch)
      // Repeated, as whoever got no answer does.
      await expectFailure(.changed) {
        try await store.appendJournal([Sample.line(1)], documents: [Self.put("a", 1)], to: run.id, epoch: epoch)
      }
      #expect(try await store.document("a", of: "s", at: Self.now)?.value == 3)
      #expect(try await keys(store) == ["a"])
      #expect(try await store.journal(of: run.id, after: 0, limit: 10).count == 2)
      _ = try await store.beginEpoch()
      await expectFailure(.staleEpoch) {
        try await store.appendJournal([Sample.line(3)], documents: [Self.put("a", 4)], to: run.id, epoch: epoch)
      }
      await expectFailure(.staleEpoch) { try await store.removeExpiredDocuments(at: Self.now, epoch: epoch) }
      #expect(try await store.document("a", of: "s", at: Self.now)?.value == 3)
    }
  }

  @Test(arguments: StoreFactory.all)
  func whatComesLateTakesNothingBack(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var journal = try await Journal(store, epoch)
      try await journal.write(Self.put("a", "new", at: 10, expires: 5_000))
      try await journal.write(Self.put("a", "late", at: 9))
      try await journal.write(Self.delete("a", at: 9))
      let stored = try #require(try await store.document("a", of: "s", at: Self.now))
      #expect(stored.value == "new")
      #expect(stored.version == Self.now + .milliseconds(10))
      #expect(stored.expiresAt == Self.now + .milliseconds(5_000))
      // Of two at the same time the one that is stored last counts.
      try await journal.write(Self.put("a", "same", at: 10))
      #expect(
        try await store.document("a", of: "s", at: Self.now)
          == DocumentRecord(key: "a", value: "same", version: Self.now + .milliseconds(10)))
      try await journal.write(Self.delete("a", at: 10))
      try await journal.write(Self.delete("a", at: 11))
      #expect(try await store.document("a", of: "s", at: Self.now) == nil)
      #expect(try await store.documentCount(of: "s") == 0)
    }
  }

  @Test(arguments: StoreFactory.all)
  func theLatestVersionIsThatOfWhatIsStored(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var journal = try await Journal(store, epoch)
      #expect(try await store.latestDocumentVersion(of: "s") == nil)
      try await journal.write(
        Self.put("a", 1, at: 10), Self.put("b", 1, at: 30, expires: 5), Self.put("c", 1, of: "t", at: 40))
      #expect(try await store.latestDocumentVersion(of: "s") == Self.now + .milliseconds(30))
      try await journal.write(Self.delete("b", at: 50))
      #expect(try await store.latestDocumentVersion(of: "s") == Self.now + .milliseconds(10))
    }
  }

  @Test(arguments: StoreFactory.all)
  func aDocumentIsThereUntilItsTimeIsOver(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var journal = try await Journal(store, epoch)
      try await journal.write(
        Self.put("short", 1, expires: 100), Self.put("long", 2, expires: 200), Self.put("ever", 3))
      try await journal.write(Self.put("other", 4, of: "t", expires: 100))
      func there(_ milliseconds: Int) async throws -> [String] {
        try await keys(store, at: Self.now + .milliseconds(milliseconds))
      }
      #expect(try await there(99) == ["ever", "long", "short"])
      #expect(try await there(100) == ["ever", "long"])
      #expect(try await store.document("short", of: "s", at: Self.now + .milliseconds(99))?.value == 1)
      #expect(try await store.document("short", of: "s", at: Self.now + .milliseconds(100)) == nil)
      #expect(try await store.documentCount(of: "s") == 3)
      try await store.removeExpiredDocuments(at: Self.now + .milliseconds(100), epoch: epoch)
      #expect(try await store.documentCount(of: "s") == 2)
      #expect(try await store.documentCount(of: "t") == 0)
      #expect(try await there(0) == ["ever", "long"], "gone for whoever has an earlier clock, too")
      // In place of one whose time is over, and for ever.
      try await journal.write(Self.put("long", 5, at: 300))
      #expect(try await there(400) == ["ever", "long"])
      #expect(try await store.documentCount(of: "s") == 2)
    }
  }

  @Test(arguments: StoreFactory.all)
  func manyWhoseTimeIsOverAreRemoved(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      let writes = (0..<1_200).map { Self.put("k\($0)", 1, expires: 10) } + [Self.put("stays", 1)]
      try await store.appendJournal([Sample.line(1)], documents: writes, to: run.id, epoch: epoch)
      #expect(try await store.documentCount(of: "s") == 1_201)
      try await store.removeExpiredDocuments(at: Self.now + .milliseconds(10), epoch: epoch)
      #expect(try await store.documentCount(of: "s") == 1)
    }
  }

  @Test(arguments: StoreFactory.all)
  func keysAreBytesInOrder(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      var journal = try await Journal(store, epoch)
      // The same letter in one scalar and in two, which are two keys.
      let names = ["B", "a", "a/1", "a/10", "a/2", "a0", "e\u{301}", "\u{e9}", "\u{10FFFF}", "\u{10FFFF}x"]
      for (index, name) in names.shuffled().enumerated() {
        try await journal.write(Self.put(name, .integer(Int64(index))))
      }
      try await journal.write(Self.put("a/other", 1, of: "t"))
      func list(_ prefix: String, after: String? = nil, limit: Int = 1_000) async throws -> [String] {
        try await keys(store, DocumentRange(prefix: prefix, after: after), limit: limit)
      }
      #expect(try await list("").map { Array($0.utf8) } == names.map { Array($0.utf8) })
      #expect(try await list("a") == ["a", "a/1", "a/10", "a/2", "a0"])
      #expect(try await list("a/") == ["a/1", "a/10", "a/2"])
      #expect(try await list("\u{10FFFF}") == ["\u{10FFFF}", "\u{10FFFF}x"])
      #expect(try await list("b") == [])
      #expect(try await list("a/", after: "a/1") == ["a/10", "a/2"])
      #expect(try await list("a/", after: "a/11") == ["a/2"], "no such key")
      #expect(try await list("a/", after: "A") == ["a/1", "a/10", "a/2"])
      #expect(try await list("a/", after: "b") == [])
      #expect(try await list("a", after: "a") == ["a/1", "a/10", "a/2", "a0"])
      #expect(try await keys(store, of: "none") == [])
    }
  }

  @Test(arguments: StoreFactory.all)
  func partsOfAList(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      let names = (0..<2_345).map { "k/\($0)" }.sorted()
      let writes = names.map { Self.put($0, 1, expires: $0.hasSuffix("7") ? 1 : nil) } + [Self.put("l", 1)]
      try await store.appendJournal([Sample.line(1)], documents: writes, to: run.id, epoch: epoch)
      let there = names.filter { !$0.hasSuffix("7") }
      for limit in [1_000, 333] {
        var found: [String] = []
        var part: DocumentKeys
        repeat {
          part = try await store.documentKeys(
            of: "s", in: DocumentRange(prefix: "k/", after: found.last), limit: limit, at: Self.now + .milliseconds(1))
          #expect(part.keys.count == limit || !part.hasMore)
          found += part.keys
        } while part.hasMore && found.count < names.count
        #expect(found == there)
      }
      // A part that is full may be the last, though other keys follow.
      let count = names.count { $0.hasPrefix("k/2") }
      for (limit, hasMore) in [(count, false), (count - 1, true)] {
        let part = try await store.documentKeys(
          of: "s", in: DocumentRange(prefix: "k/2"), limit: limit, at: Self.now)
        #expect(part.keys.count == limit)
        #expect(part.hasMore == hasMore)
      }
      for limit in [-1, 0, 1_001] {
        await expectFailure(.invalidLimit) {
          try await store.documentKeys(of: "s", in: DocumentRange(), limit: limit, at: Self.now)
        }
      }
    }
  }

  /// They outlive the run, and go with the stack.
  @Test(arguments: StoreFactory.all)
  func documentsGoWithTheirStack(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      for name in ["s", "t"] { try await store.add(Sample.stack(name)) }
      var journal = try await Journal(store, epoch)
      try await journal.write(Self.put("a", 1), Self.put("b", 1), Self.put("a", 2, of: "t"))
      try await store.removeRun(journal.run, epoch: epoch)
      #expect(try await keys(store) == ["a", "b"])
      await expectFailure(.changed) { try await store.removeStack(named: "s", ifLatest: 7) }
      #expect(try await keys(store) == ["a", "b"])
      try await store.removeStack(named: "s")
      #expect(try await keys(store) == [])
      #expect(try await store.documentCount(of: "s") == 0)
      #expect(try await keys(store, of: "t") == ["a"])
      #expect(try await store.documentCount(of: "t") == 1)
    }
  }
}
