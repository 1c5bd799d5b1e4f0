import JSON
import SQLite
import Store
import StoreSQLite
import TestFolders
import Testing

/// Files that are not to be touched: of a newer version, of another program, damaged.
@Suite struct ForeignFileTests {
  /// Every file beside the lock, by name.
  private func files(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try names(in: folder) where name != "server.lock" {
      files[name] = try contents(of: "\(folder)/\(name)")
    }
    return files
  }

  private func refusal(_ folder: String) async throws -> StoreError {
    let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(folder: folder) }
    return try #require(error)
  }

  @Test func newerVersionIsRefusedAndUnharmed() async throws {
    let folder = try TemporaryFolder()
    let path = SQLiteStore.path(in: folder.path)
    let store = try await SQLiteStore.open(folder: folder.path)
    try await store.add(Sample.stack("a"))
    await store.close()
    let database = try await SQLiteDatabase.open(path)
    try await database.write { try $0.execute("PRAGMA user_version = 99") }
    await database.close()
    let before = try files(folder.path)

    let error = try await refusal(folder.path)
    #expect(error.code == .tooNew)
    #expect(error.message.contains(path))
    #expect(error.message.contains("format 99"))
    #expect(error.message.contains("formats up to 5"))
    #expect(error.message.contains("install that version again"))
    #expect(try files(folder.path) == before)
  }

  @Test func aFileOfTheFirstFormatIsBroughtUpToDate() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    try await store.add(Sample.stack("a"))
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.executeScript(Self.backToSecondFormat) }
    try await database.write { try $0.executeScript("DROP TABLE submissions; PRAGMA user_version = 1") }
    await database.close()

    let again = try await SQLiteStore.open(folder: folder.path)
    #expect(try await again.stack(named: "a", revision: nil) == Sample.stack("a"))
    #expect(try await again.submittedRun(key: "k", user: "anna", since: Sample.time) == nil)
    await again.close()
  }

  private static let backToFourthFormat = """
    DROP TABLE documents; DROP TABLE document_counts; PRAGMA user_version = 4;
    """

  /// Before scripts had documents.
  @Test func aFileOfTheFourthFormatKeepsEverything() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let epoch = try await store.beginEpoch()
    let stack = Sample.stack("a", ["h.lua": Sample.content("h")])
    try await store.add(stack.record, contents: stack.contents)
    let run = try await store.createRun(Sample.run(state: .running), pinning: stack.record.pins, epoch: epoch)
    try await store.appendJournal([Sample.line(1)], to: run.id, epoch: epoch)
    try await store.putOwnership(Sample.ownership("/web"), epoch: epoch)
    await store.close()
    let tables = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    let written = try await database.read { try $0.rows(tables) { "\($0.value(0)) \($0.value(1))" } }
    try await database.write { try $0.executeScript(Self.backToFourthFormat) }
    let before = try await database.read { try $0.rows(tables) { "\($0.value(0)) \($0.value(1))" } }
    #expect(before.count < written.count)
    await database.close()

    let again = try await SQLiteStore.open(folder: folder.path)
    #expect(try await again.stack(named: "a", revision: nil) == stack.record)
    let hash = Sample.content("h").hash
    #expect(try await again.contents([hash], of: .run(run.id)) == [hash: Array("h".utf8)])
    #expect(try await again.unfinishedRuns() == [run])
    #expect(try await again.journal(of: run.id, after: 0, limit: 10) == [Sample.line(1)])
    #expect(try await again.owner(of: "/web") == Sample.ownership("/web"))
    #expect(try await again.documentCount(of: "a") == 0)
    let write = DocumentWrite(stack: "a", key: "k", version: Sample.time, change: .put(1, expiresAt: nil))
    try await again.appendJournal([Sample.line(2)], documents: [write], to: run.id, epoch: epoch)
    #expect(try await again.document("k", of: "a", at: Sample.time)?.value == 1)
    await again.close()
    let migrated = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    #expect(try await migrated.read { try $0.rows(tables) { "\($0.value(0)) \($0.value(1))" } } == written)
    await migrated.close()
  }

  private static let backToSecondFormat = """
    DROP TABLE documents; DROP TABLE document_counts; DROP TABLE contents; DROP TABLE revision_files; DROP TABLE run_contents; DROP TABLE revision_submissions;
    PRAGMA user_version = 2
    """

  /// Before stacks had files. All is there again, and works with them.
  @Test func aFileOfTheSecondFormatKeepsEverything() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let epoch = try await store.beginEpoch()
    try await store.add(Sample.stack("a"))
    try await store.add(Sample.stack("a", revision: 2, from: "b"))
    let creation = try await store.createRun(
      Sample.run(state: .running), submission: Submission(user: "anna", key: "k", digest: "d"), epoch: epoch)
    guard case .created(let run) = creation else {
      Issue.record("\(creation)")
      return
    }
    try await store.appendJournal([Sample.line(1)], to: run.id, epoch: epoch)
    await store.close()
    let tables = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    let written = try await database.read { try $0.rows(tables) { "\($0.value(0)) \($0.value(1))" } }
    try await database.write { try $0.executeScript(Self.backToSecondFormat) }
    await database.close()

    let again = try await SQLiteStore.open(folder: folder.path)
    #expect(try await again.stack(named: "a", revision: 1) == Sample.stack("a"))
    #expect(try await again.stack(named: "a", revision: nil) == Sample.stack("a", revision: 2, from: "b"))
    #expect(try await again.unfinishedRuns() == [run])
    #expect(try await again.journal(of: run.id, after: 0, limit: 10) == [Sample.line(1)])
    #expect(try await again.submittedRun(key: "k", user: "anna", since: Sample.time)?.run == run.id)
    let next = Sample.stack("a", revision: 3, ["h.lua": Sample.content("h")])
    try await again.add(next.record, contents: next.contents)
    #expect(try await again.stack(named: "a", revision: nil) == next.record)
    try await again.removeRun(run.id, epoch: epoch)
    try await again.removeStack(named: "a")
    await again.close()
    let migrated = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    #expect(try await migrated.read { try $0.rows(tables) { "\($0.value(0)) \($0.value(1))" } } == written)
    await migrated.close()
  }

  /// The newer server was killed: its last commits are only in the log.
  @Test func newerVersionWithALogIsUnharmed() async throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: other.path)
    try await store.add(Sample.stack("a"))
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: other.path))
    try await database.write { try $0.execute("PRAGMA user_version = 99") }
    for suffix in ["", "-wal"] {
      let bytes = try contents(of: SQLiteStore.path(in: other.path) + suffix)
      try write(bytes, to: SQLiteStore.path(in: folder.path) + suffix)
    }
    await database.close()
    let before = try files(folder.path)
    #expect(try await refusal(folder.path).code == .tooNew)
    let after = try files(folder.path)
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
  }

  @Test func databaseOfAnotherProgram() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.executeScript("CREATE TABLE bookmarks(url)") }
    await database.close()
    let before = try files(folder.path)
    let error = try await refusal(folder.path)
    #expect(error.code == .unavailable)
    #expect(error.message.contains("another program"))
    #expect(try files(folder.path) == before)
  }

  @Test func noDatabaseAtAll() async throws {
    let folder = try TemporaryFolder()
    try write(Array(String(repeating: "<html>", count: 1_000).utf8), to: SQLiteStore.path(in: folder.path))
    let before = try files(folder.path)
    let error = try await refusal(folder.path)
    #expect(error.code == .corrupt)
    #expect(error.message.contains("is no database"))
    #expect(error.message.contains("move it away"))
    #expect(try files(folder.path) == before)
  }

  @Test func damagedPages() async throws {
    let folder = try TemporaryFolder()
    let path = SQLiteStore.path(in: folder.path)
    let store = try await SQLiteStore.open(folder: folder.path)
    for number in 0..<200 { try await store.add(Sample.stack("stack-\(number)")) }
    await store.close()
    var bytes = try contents(of: path)
    for index in 4_096..<bytes.count { bytes[index] = 0x5A }
    try write(bytes, to: path)
    let error = try await refusal(folder.path)
    #expect(error.code == .corrupt)
    #expect(error.message.contains("\(path) is damaged"))
    #expect(error.message.contains(".recover"))
  }

  /// A record that another hand has changed: told by its name, and the others stay readable.
  @Test func damagedRecord() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    for name in ["a", "b"] { try await store.add(Sample.stack(name)) }
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.execute("UPDATE revisions SET stack = '{' WHERE name = 'a'") }
    await database.close()
    let again = try await SQLiteStore.open(folder: folder.path)
    let error = await #expect(throws: StoreError.self) { try await again.stack(named: "a", revision: nil) }
    #expect(error?.code == .corrupt)
    #expect(error?.description.contains("stack a, revision 1") == true)
    #expect(try await again.stack(named: "b", revision: nil) == Sample.stack("b"))
    await again.close()
  }

  /// Bytes that another hand has changed are not given out under the hash of others.
  @Test func damagedContent() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let stack = Sample.stack("s", ["a.lua": Sample.content("a"), "b.lua": Sample.content("b")])
    try await store.add(stack.record, contents: stack.contents)
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.execute("UPDATE contents SET bytes = x'63' WHERE bytes = x'61'") }
    await database.close()
    let again = try await SQLiteStore.open(folder: folder.path)
    let hashes = stack.record.files.map(\.content)
    let error = await #expect(throws: StoreError.self) { try await again.contents(hashes, of: .stack("s")) }
    #expect(error?.code == .corrupt)
    #expect(error?.description.contains("content \(hashes[0])") == true)
    #expect(try await again.contents([hashes[1]], of: .stack("s")) == [hashes[1]: Array("b".utf8)])
    await again.close()
  }

  /// What each error of the disk means to a person.
  @Test(arguments: [
    (SQLiteError.Code.full, StoreError.Code.unavailable, "free disk space"),
    (.readOnly, .unavailable, "read-only"),
    (.inputOutput, .unavailable, "The disk failed"),
    (.busy, .inUse, "Another program"),
    (.corrupt, .corrupt, "backup"),
    (.closed, .closed, "closed"),
    (.misuse, .unavailable, "failed"),
  ])
  func meanings(_ code: SQLiteError.Code, _ expected: StoreError.Code, _ words: String) {
    let error = StoreError(databaseFailure: SQLiteError(code, message: "reason", path: "/data/x.db"))
    #expect(error.code == expected)
    #expect(error.message.contains(words))
    #expect(error.description.contains("/data/x.db"))
  }
}
