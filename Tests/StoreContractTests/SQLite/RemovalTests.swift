import SQLite
import Store
import StoreSQLite
import TestFolders
import Testing

@Suite struct RemovalTests {
  private static func counts(_ folder: String) async throws -> [Int?] {
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder))
    let counts = try await database.read { connection in
      try ["runs", "journal", "removed_runs"].map { table in
        try connection.first("SELECT count(*) FROM \(table)") { try $0.int(0) }
      }
    }
    await database.close()
    return counts
  }

  /// Larger than what is removed at once.
  @Test func longJournalGoesAltogether() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let epoch = try await store.beginEpoch()
    let run = try await store.createRun(Sample.run(), epoch: epoch)
    let other = try await store.createRun(Sample.run(), epoch: epoch)
    try await store.appendJournal((1...4_500).map { Sample.line($0) }, to: run.id, epoch: epoch)
    try await store.appendJournal([Sample.line(1)], to: other.id, epoch: epoch)
    try await store.removeRun(run.id, epoch: epoch)
    #expect(try await store.journal(of: other.id, after: 0, limit: 10) == [Sample.line(1)])
    await store.close()
    #expect(try await Self.counts(folder.path) == [1, 1, 0])
  }

  /// The state after a crash between the first commit and the last.
  @Test func openingFinishesARemoval() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let epoch = try await store.beginEpoch()
    let run = try await store.createRun(Sample.run(), epoch: epoch)
    try await store.appendJournal((1...100).map { Sample.line($0) }, to: run.id, epoch: epoch)
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.executeScript("DELETE FROM runs; INSERT INTO removed_runs VALUES(1)") }
    await database.close()

    let again = try await SQLiteStore.open(folder: folder.path)
    #expect(try await again.journal(of: run.id, after: 0, limit: 10) == [])
    #expect(try await again.createRun(Sample.run(), epoch: epoch).id == RunID(2))
    await again.close()
    #expect(try await Self.counts(folder.path) == [1, 0, 0])
  }
}
