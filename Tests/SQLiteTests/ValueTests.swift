import SQLite
import TestFolders
import Testing

/// What is bound comes back as it was, type included.
@Suite struct ValueTests {
  @Test(arguments: [
    SQLiteValue.null,
    .integer(0), .integer(.min), .integer(.max),
    .real(0.1), .real(-1e300), .real(.infinity),
    .text(""), .text("a\0b"), .text("Größe 🚀"),
    .blob([]), .blob([0, 255, 0]),
  ])
  func roundTrip(_ value: SQLiteValue) async throws {
    try await checkRoundTrip(value)
  }

  /// Over many pages of the file. No arguments of the test above, because those are printed.
  @Test func largeValues() async throws {
    try await checkRoundTrip(.text(String(repeating: "x", count: 100_000)))
    try await checkRoundTrip(.blob([UInt8](repeating: 7, count: 100_000)))
  }

  private func checkRoundTrip(_ value: SQLiteValue) async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    try await database.write { connection in
      try connection.executeScript("CREATE TABLE t(v)")
      try connection.execute("INSERT INTO t VALUES(?)", value)
    }
    let read = try await database.read { connection in
      try connection.first("SELECT v FROM t") { $0.value(0) }
    }
    #expect(read == value)
    await database.close()
  }

  @Test func optionalsAndSwiftTypes() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    let none: String? = nil
    let some: Int? = 5
    let values = try await database.read { connection in
      try connection.first("SELECT ?, ?, ?, ?, ?, ?", none, some, true, 1.5, "x", [UInt8]([1])) { row in
        let texts = [try row.optionalText(0), try row.optionalText(4)]
        let integers = [try row.optionalInt64(0), try row.optionalInt64(1)]
        let numbers = [try row.optionalDouble(0), try row.double(1), try row.double(3)]
        return (texts, integers, try row.optionalInt(1), numbers, try row.bool(2), try row.optionalBlob(5))
      }
    }
    #expect(values?.0 == [nil, "x"])
    #expect(values?.1 == [nil, 5])
    #expect(values?.2 == 5)
    #expect(values?.3 == [nil, 5, 1.5])
    #expect(values?.4 == true)
    #expect(values?.5 == [1])
    await database.close()
  }

  @Test func anotherTypeIsAnError() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    let error = await #expect(throws: SQLiteError.self) {
      try await database.read { connection in
        try connection.first("SELECT 'text'") { try $0.int(0) }
      }
    }
    #expect(error?.code == .mismatch)
    #expect(error?.description.contains("column 0 holds no integer") == true)
    await database.close()
  }

  @Test func numberOfValuesMustMatch() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    let error = await #expect(throws: SQLiteError.self) {
      try await database.read { connection in
        try connection.first("SELECT ?, ?", 1) { try $0.int(0) }
      }
    }
    #expect(error?.code == .misuse)
    await database.close()
  }

  @Test func nestedUseOfTheSameStatement() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    let sql = "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n"
    let pairs = try await database.read { connection in
      try connection.rows(sql, 1) { outer in
        let first = try outer.int(0)
        return try connection.rows(sql, first) { inner in [first, try inner.int(0)] }
      }
    }
    #expect(pairs == [[[1, 1], [1, 2], [1, 3]], [[2, 2], [2, 3]], [[3, 3]]])
    await database.close()
  }

  /// More different texts than the cache holds.
  @Test func manyStatements() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/v.db")
    let sum = try await database.read { connection in
      try (1...1_000).reduce(0) { sum, number in
        sum + (try connection.first("SELECT \(number)") { try $0.int(0) } ?? 0)
      }
    }
    #expect(sum == 500_500)
    await database.close()
  }
}
