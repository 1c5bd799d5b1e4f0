import JSON
import Store
import Testing

@Suite struct JournalContractTests {
  @Test(arguments: StoreFactory.all)
  func linesComeBackEqualAndInOrder(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      let other = try await store.createRun(Sample.run(), epoch: epoch)
      let bodies: [JSON] = [
        nil, true, -1, 1.0, "é\u{0}\u{1F680}", [], [:], ["z": 1, "a": [1, ["b": nil]]], .bigNumber("1e400"),
        .string(String(repeating: "x", count: 300_000)),
      ]
      let lines = bodies.enumerated().map { Sample.line(Int64($0 + 1), $1) }
      try await store.appendJournal(Array(lines[..<3]), to: run.id, epoch: epoch)
      try await store.appendJournal([Sample.line(1)], to: other.id, epoch: epoch)
      try await store.appendJournal(Array(lines[3...]), to: run.id, epoch: epoch)
      #expect(try await store.journal(of: run.id, after: 0, limit: 100) == lines)
      #expect(try await store.journal(of: run.id, after: -5, limit: 2) == Array(lines[..<2]))
      #expect(try await store.journal(of: run.id, after: 2, limit: 3) == Array(lines[2..<5]))
      #expect(try await store.journal(of: run.id, after: 9, limit: 3) == [lines[9]])
      #expect(try await store.journal(of: run.id, after: 10, limit: 3) == [])
      #expect(try await store.journal(of: run.id, after: .max, limit: 3) == [])
      #expect(try await store.journal(of: RunID(50), after: 0, limit: 3) == [])
    }
  }

  @Test(arguments: StoreFactory.all)
  func appendsFollowWithoutGaps(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      let wrong: [[Int64]] = [[0], [2], [-1], [1, 3], [1, 1], [2, 3]]
      for sequences in wrong {
        await expectFailure(.changed) {
          try await store.appendJournal(sequences.map { Sample.line($0) }, to: run.id, epoch: epoch)
        }
      }
      #expect(try await store.journal(of: run.id, after: 0, limit: 10) == [], "all or nothing")
      try await store.appendJournal([], to: run.id, epoch: epoch)
      try await store.appendJournal([Sample.line(1), Sample.line(2)], to: run.id, epoch: epoch)
      let late: [[Int64]] = [[1], [2], [4], [3, 5]]
      for sequences in late {
        await expectFailure(.changed) {
          try await store.appendJournal(sequences.map { Sample.line($0) }, to: run.id, epoch: epoch)
        }
      }
      try await store.appendJournal([Sample.line(3)], to: run.id, epoch: epoch)
      #expect(try await store.journal(of: run.id, after: 0, limit: 10).map(\.sequence) == [1, 2, 3])
      await expectFailure(.notFound) { try await store.appendJournal([Sample.line(1)], to: RunID(50), epoch: epoch) }
    }
  }
}
