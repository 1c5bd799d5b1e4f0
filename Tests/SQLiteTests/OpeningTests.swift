import Concurrency
import Glibc
import SQLite
import TestFolders
import Testing

@Suite struct OpeningTests {
  private func failure(opening path: String) async -> SQLiteError? {
    await #expect(throws: SQLiteError.self) { try await SQLiteDatabase.open(path) }
  }

  @Test func filesAreForTheOwnerOnly() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/o.db")
    try await database.write { try $0.executeScript("CREATE TABLE t(n)") }
    for name in ["o.db", "o.db-wal", "o.db-shm"] {
      var status = stat()
      #expect(lstat("\(folder.path)/\(name)", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(name)")
    }
    await database.close()
  }

  @Test func notADatabase() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/o.db"
    let text = Array(String(repeating: "this is a shopping list\n", count: 100).utf8)
    try write(text, to: path)
    let error = await failure(opening: path)
    #expect(error?.code == .notADatabase)
    #expect(try contents(of: path) == text)
  }

  @Test func folderMissing() async throws {
    let folder = try TemporaryFolder()
    let error = await failure(opening: "\(folder.path)/nowhere/o.db")
    #expect(error?.code == .cannotOpen)
    #expect(error?.message.contains("No such file or directory") == true)
  }

  @Test func folderInPlaceOfTheFile() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/o.db"
    #expect(mkdir(path, 0o700) == 0)
    let error = await failure(opening: path)
    #expect(error?.code == .cannotOpen)
    rmdir(path)
  }

  @Test func damagedFile() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/o.db"
    let database = try await SQLiteDatabase.open(path)
    try await database.write { connection in
      try connection.executeScript("CREATE TABLE t(n INTEGER PRIMARY KEY, v)")
      for number in 1...2_000 { try connection.execute("INSERT INTO t VALUES(?, ?)", number, "some text") }
    }
    await database.close()
    var bytes = try contents(of: path)
    for index in 4_096..<bytes.count { bytes[index] = 0xA5 }
    try write(bytes, to: path)
    let damaged = try await SQLiteDatabase.open(path)
    let error = await #expect(throws: SQLiteError.self) {
      try await damaged.read { connection in try connection.rows("SELECT v FROM t") { try $0.text(0) } }
    }
    #expect(error?.code == .corrupt)
    await damaged.close()
  }

  /// Also with a log that has not been emptied into the file yet.
  @Test func refusedFileStaysAsItIs() async throws {
    struct Refusal: Error {}
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/o.db"
    let database = try await SQLiteDatabase.open(path)
    try await database.write { try $0.executeScript("CREATE TABLE t(n); INSERT INTO t VALUES(1)") }
    let copy = "\(folder.path)/copy.db"
    for suffix in ["", "-wal"] { try write(try contents(of: path + suffix), to: copy + suffix) }
    await database.close()
    let before = (try contents(of: copy), try contents(of: copy + "-wal"))
    await #expect(throws: Refusal.self) {
      try await SQLiteDatabase.open(copy) { connection in
        let number = try connection.first("SELECT n FROM t") { try $0.int(0) }
        #expect(number == 1)
        throw Refusal()
      }
    }
    #expect(try contents(of: copy) == before.0)
    #expect(try contents(of: copy + "-wal") == before.1)
  }

  @Test func failedPreparationIsUndone() async throws {
    struct Refusal: Error {}
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/o.db"
    await #expect(throws: Refusal.self) {
      try await SQLiteDatabase.open(
        path,
        prepare: { connection in
          try connection.transaction {
            try connection.executeScript("CREATE TABLE t(n)")
            throw Refusal()
          }
        })
    }
    let database = try await SQLiteDatabase.open(path)
    let tables = try await database.read { connection in
      try connection.rows("SELECT name FROM sqlite_schema") { try $0.text(0) }
    }
    #expect(tables == [])
    await database.close()
  }

  @Test func writeLockOfAnotherProcess() async throws {
    let folder = try TemporaryFolder()
    var options = SQLiteDatabase.Options()
    options.busyTimeout = .milliseconds(20)
    let first = try await SQLiteDatabase.open("\(folder.path)/o.db", options: options)
    let second = try await SQLiteDatabase.open("\(folder.path)/o.db", options: options)
    try await first.write { try $0.executeScript("CREATE TABLE t(n)") }
    let started = AsyncSignal()
    let gate = Gate()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await first.write { connection in
          try connection.execute("INSERT INTO t VALUES(1)")
          started.fire()
          gate.waitUntilOpen()
        }
      }
      try await started.wait()
      let error = await #expect(throws: SQLiteError.self) {
        try await second.write { try $0.execute("INSERT INTO t VALUES(2)") }
      }
      #expect(error?.code == .busy)
      gate.open()
      try await group.waitForAll()
    }
    let count = try await second.read { connection in
      try connection.first("SELECT count(*) FROM t") { try $0.int(0) }
    }
    #expect(count == 1)
    await first.close()
    await second.close()
  }
}
