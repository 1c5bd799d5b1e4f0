import SQLite
import Store
import StoreSQLite
import TestFolders
import Testing

/// Rows, which no protocol shows: a content is there once, and not longer than what refers to it.
@Suite struct UnreferredContentTests {
  private static func stored(_ folder: String) async throws -> [String] {
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder))
    let stored = try await database.read { connection in
      try connection.rows("SELECT CAST(bytes AS TEXT) FROM contents ORDER BY 1") { try $0.text(0) }
    }
    await database.close()
    return stored
  }

  @Test func contentsGoWithTheLastThatRefersToThem() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let epoch = try await store.beginEpoch()
    let (a, b, c, d) = (
      Sample.content("a"), Sample.content("b"), Sample.content("c"), Sample.content("d")
    )
    let s = Sample.stack("s", ["1": a, "2": b, "3": a])
    try await store.add(s.record, contents: s.contents + [d])
    let next = Sample.stack("s", revision: 2, ["1": a, "2": c])
    try await store.add(next.record, contents: next.contents)
    let t = Sample.stack("t", ["1": a])
    try await store.add(t.record, contents: t.contents)
    #expect(try await Self.stored(folder.path) == ["a", "b", "c"], "each once, and nothing that no file refers to")
    let run = try await store.createRun(Sample.run(), pinning: s.record.pins, epoch: epoch)
    try await store.removeStack(named: "s")
    #expect(try await Self.stored(folder.path) == ["a", "b"])
    try await store.removeRun(run.id, epoch: epoch)
    #expect(try await Self.stored(folder.path) == ["a"])
    try await store.removeStack(named: "t")
    #expect(try await Self.stored(folder.path) == [])
    await store.close()
  }
}
