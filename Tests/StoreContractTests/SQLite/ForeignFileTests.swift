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
    #expect(error.message.contains("formats up to 2"))
    #expect(error.message.contains("install that version again"))
    #expect(try files(folder.path) == before)
  }

  @Test func aFileOfTheFirstFormatIsBroughtUpToDate() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    try await store.add(Sample.stack("a"))
    await store.close()
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder.path))
    try await database.write { try $0.execute("DROP TABLE submissions") }
    try await database.write { try $0.execute("PRAGMA user_version = 1") }
    await database.close()

    let again = try await SQLiteStore.open(folder: folder.path)
    #expect(try await again.stack(named: "a", revision: nil) == Sample.stack("a"))
    #expect(try await again.submittedRun(key: "k", user: "anna", since: Sample.time) == nil)
    await again.close()
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
