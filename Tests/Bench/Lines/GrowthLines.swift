import Concurrency
import JSON
import StackClient
import StackModel
import Store
import StoreSQLite

enum GrowthLines {
  private static let stacks = 100_000
  private static let runs = 10_000
  private static let entriesPerRun = 100

  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let folder = bench.dataFolder("growth")
    // One run as the server writes it is the pattern of the others.
    try await MeasuredServer.with(bench, folder: folder) { server in
      try await server.add("name: pattern\napplications:\n" + RunLines.application("pattern"))
      _ = try await server.run("pattern")
    }
    let stacksOnly = try await withStore(folder) { store in
      try await addStacks(store)
    }
    let withStacks = try await figures(
      bench, folder, "100,000 stacks", startLimit: .atMost(150), memoryLimit: .atMost(60))
    let runsToo = try await withStore(folder) { store in
      try await addRuns(store)
    }
    let withRuns = try await figures(bench, folder, "that, 10,000 runs and 1,000,000 entries")
    Bench.say("filled in \((stacksOnly / .seconds(1)).short) s and \((runsToo / .seconds(1)).short) s")
    Files.remove(folder)
    return withStacks + withRuns
  }

  private static func withStore(
    _ folder: String, _ body: (SQLiteStore) async throws -> Void
  ) async throws -> Duration {
    let begin = ContinuousClock.now
    let store = try await SQLiteStore.open(folder: folder)
    do {
      try await body(store)
      await store.close()
    } catch {
      await store.close()
      throw error
    }
    return ContinuousClock.now - begin
  }

  private static func addStacks(_ store: SQLiteStore) async throws {
    guard let pattern = try await store.stack(named: "pattern", revision: nil) else { return }
    try await concurrently(stacks) { number in
      var record = pattern
      record.name = "stack-\(number)"
      record.stack.name = record.name
      try await store.add(record)
    }
  }

  private static func addRuns(_ store: SQLiteStore) async throws {
    guard let pattern = try await store.run(RunID(1)) else { return }
    let epoch = try await store.beginEpoch()
    let lines = try await store.journal(of: pattern.id, after: 0, limit: 1_000)
    let middle = Array(lines.dropLast())
    guard !middle.isEmpty else { return }
    try await concurrently(runs) { _ in
      var draft = pattern
      draft.createdAt = SystemTime().now()
      let run = try await store.createRun(draft, epoch: epoch)
      var journal = middle
      while journal.count < entriesPerRun - 1 { journal.append(middle[journal.count % middle.count]) }
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

  private static func figures(
    _ bench: Bench, _ folder: String, _ what: String, startLimit: Measurement.Limit? = nil,
    memoryLimit: Measurement.Limit? = nil
  ) async throws -> [Measurement] {
    let times = try await StartLines.times(bench, folder: folder, count: bench.samples)
    return try await MeasuredServer.with(bench, folder: folder) { server in
      try await Task.sleep(for: .seconds(2))
      let resident = server.usage.residentMiB
      let client = server.client
      func latencies(_ count: Int, _ body: () async throws -> Void) async throws -> [Double] {
        try await body()
        var times: [Double] = []
        for _ in 0..<count {
          let begin = ContinuousClock.now
          try await body()
          times.append((ContinuousClock.now - begin) / .milliseconds(1))
        }
        return times
      }
      let show = try await latencies(bench.samples) { _ = try await client.stack("stack-77777") }
      let list = try await latencies(bench.samples) { _ = try await client.runs(.init()) }
      let names = try await latencies(bench.samples) { try await server.get("/api/v1/stacks?limit=100") }
      var runs: [Double] = []
      for sample in 0..<bench.samples {
        let name = "grown-\(what.utf8.count)-\(sample)"
        try await server.add("name: \(name)\napplications:\n" + RunLines.application(name))
        runs.append(try await server.run(name) / .milliseconds(1))
      }
      return [
        Measurement("growth", "\(what): start to /health", "ms", times, startLimit),
        Measurement("growth", "\(what): resident memory", "MiB", [resident], memoryLimit),
        Measurement("growth", "\(what): show a stack", "ms", show),
        Measurement("growth", "\(what): first page of stacks", "ms", names),
        Measurement("growth", "\(what): last 100 runs", "ms", list),
        Measurement("growth", "\(what): run of one application", "ms", runs),
      ]
    }
  }
}
