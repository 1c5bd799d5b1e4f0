import Concurrency
import StackModel
import Store
import StoreSQLite

/// A store with a past: copies of a stack and a run called `pattern`, written as the server writes them.
enum GrownStore {
  static let stacks = 100_000
  static let runs = 10_000

  static func with(_ folder: String, _ body: (SQLiteStore) async throws -> Void) async throws {
    let store = try await SQLiteStore.open(folder: folder)
    do {
      try await body(store)
      await store.close()
    } catch {
      await store.close()
      throw error
    }
  }

  static func addStacks(_ store: SQLiteStore) async throws {
    guard let pattern = try await store.stack(named: "pattern", revision: nil) else {
      throw BenchError("the pattern of the stacks is missing")
    }
    try await concurrently(stacks) { number in
      var record = pattern
      record.name = "stack-\(number)"
      record.stack.name = record.name
      try await store.add(record)
    }
  }

  /// - Parameter entriesOfEach: in its journal; nil: as many as the pattern has.
  static func addRuns(_ store: SQLiteStore, entriesOfEach: Int? = nil) async throws {
    guard let pattern = try await store.run(RunID(1)), pattern.state == .succeeded else {
      throw BenchError("the pattern of the runs is missing")
    }
    let epoch = try await store.beginEpoch()
    let lines = try await store.journal(of: pattern.id, after: 0, limit: 1_000)
    let middle = Array(lines.dropLast())
    guard !middle.isEmpty else { throw BenchError("the pattern of the runs has no journal") }
    try await concurrently(runs) { _ in
      var draft = pattern
      draft.createdAt = SystemTime().now()
      let run = try await store.createRun(draft, epoch: epoch)
      var journal = middle
      while journal.count < (entriesOfEach ?? 0) - 1 { journal.append(middle[journal.count % middle.count]) }
      journal.append(contentsOf: lines.suffix(1))
      for place in journal.indices { journal[place].sequence = Int64(place + 1) }
      try await store.appendJournal(journal, to: run.id, epoch: epoch)
    }
  }

  /// Some at a time, so that they share commits.
  private static func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    let next = Locked(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<256 {
        group.addTask {
          while case let number = next.withLock({ number in
            defer { number += 1 }
            return number
          }), number < count {
            try await body(number)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
