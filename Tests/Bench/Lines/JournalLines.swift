import Concurrency
import JSON
import Store
import StoreSQLite

enum JournalLines {
  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let one = try BareSQLite.rates(bench, .journal, perCommit: 1)
    let hundred = try BareSQLite.rates(bench, .journal, perCommit: 100)

    let store = try await SQLiteStore.open(folder: bench.dataFolder("journal"))
    let epoch = try await store.beginEpoch()
    var sequential: [Double] = []
    var together: [Double] = []
    for _ in 0..<bench.samples {
      sequential.append(try await rate(store, epoch, writers: 1))
      together.append(try await rate(store, epoch, writers: 100))
    }
    await store.close()
    return [
      // Too many to be listed.
      Measurement(
        "journal", "a 4 KiB write with fdatasync, the median of 200", "ms", [Machine.syncTimes(in: bench.folder).median]
      ),
      Measurement(
        "journal", "commits, one after another", "/s", sequential,
        anchor: .init(name: "bare SQLite, one row each", value: one.median)),
      Measurement(
        "journal", "entries of 100 runs, each waiting for its own", "/s", together,
        anchor: .init(name: "bare SQLite, 100 rows each", value: hundred.median)),
    ]
  }

  /// Entries per second, over about half a second, each writer waiting for its entry before it writes the next.
  private static func rate(_ store: SQLiteStore, _ epoch: Epoch, writers: Int) async throws -> Double {
    var runs: [RunID] = []
    for number in 0..<writers {
      runs.append(
        try await store.createRun(
          RunRecord(
            id: RunID(0), kind: .deploy, stack: "s\(number)", zone: "", state: .running, snapshot: [:],
            createdAt: SystemTime().now(), createdBy: "bench"), epoch: epoch
        ).id)
    }
    let begin = ContinuousClock.now
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for run in runs {
        group.addTask {
          var sequence: Int64 = 0
          while ContinuousClock.now - begin < .milliseconds(500) {
            sequence += 1
            let record = JournalRecord(
              sequence: sequence, at: SystemTime().now(), path: "web/launch", kind: "intent",
              body: ["change": "create"])
            try await store.appendJournal([record], to: run, epoch: epoch)
          }
          return Int(sequence)
        }
      }
      return try await group.reduce(0, +)
    }
    return Double(count) / ((ContinuousClock.now - begin) / .seconds(1))
  }
}
