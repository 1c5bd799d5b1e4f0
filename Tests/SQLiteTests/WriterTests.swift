import Concurrency
import SQLite
import TestFolders
import Testing

@Suite struct WriterTests {
  private struct Refusal: Error, Equatable {
    var number: Int
  }

  private static let table: @Sendable (SQLiteConnection) throws -> Void = { connection in
    try connection.executeScript("CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, v)")
  }

  private static func numbers(_ database: SQLiteDatabase) async throws -> [Int] {
    try await database.read { connection in
      try connection.rows("SELECT n FROM t ORDER BY n") { try $0.int(0) }
    }
  }

  /// Holds the writer's thread until `body` has queued what it wants to see in one batch.
  private static func batch(_ database: SQLiteDatabase, _ works: [@Sendable () async -> Void]) async throws {
    let started = AsyncSignal()
    let gate = Gate()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await database.write { _ in
          started.fire()
          gate.waitUntilOpen()
        }
      }
      try await started.wait()
      let queued = Locked(0)
      for work in works {
        group.addTask {
          queued.withLock { $0 += 1 }
          await work()
        }
      }
      while queued.withLock({ $0 }) < works.count { await Task.yield() }
      gate.open()
      try await group.waitForAll()
    }
  }

  @Test func oneFailingBodyDoesNotSpoilItsNeighbours() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    let refused = Locked<[Int]>([])
    let works = (0..<100).map { number -> @Sendable () async -> Void in
      {
        do {
          try await database.write { connection in
            try connection.execute("INSERT INTO t VALUES(?, 'x')", number)
            if number.isMultiple(of: 3) { throw Refusal(number: number) }
          }
        } catch let error as Refusal {
          refused.withLock { $0.append(error.number) }
        } catch {
          Issue.record(error)
        }
      }
    }
    try await Self.batch(database, works)
    #expect(refused.withLock { $0.sorted() } == (0..<100).filter { $0.isMultiple(of: 3) })
    #expect(try await Self.numbers(database) == (0..<100).filter { !$0.isMultiple(of: 3) })
    await database.close()
  }

  /// What fails because of a neighbour's write is told so once that write is stored.
  @Test func anErrorThatRestsOnANeighbourComesWithIt() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    let failures = Locked<[Int: SQLiteError.Code]>([:])
    let works = (0..<40).map { number -> @Sendable () async -> Void in
      {
        do {
          try await database.write { connection in
            try connection.execute("INSERT INTO t VALUES(?, ?)", number / 2, "\(number)")
          }
        } catch let error as SQLiteError {
          failures.withLock { $0[number / 2] = error.code }
        } catch {
          Issue.record(error)
        }
      }
    }
    try await Self.batch(database, works)
    #expect(failures.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, .constraint) }))
    #expect(try await Self.numbers(database) == Array(0..<20))
    await database.close()
  }

  /// A full database ends the whole transaction; whoever needs no more room still gets through.
  @Test func fullDatabaseFailsOnlyWhoNeedsTheRoom() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    try await database.write { connection in
      _ = try connection.first("PRAGMA max_page_count = 20") { try $0.int(0) }
    }
    let failures = Locked<[SQLiteError.Code]>([])
    let works = (0..<20).map { number -> @Sendable () async -> Void in
      {
        do {
          try await database.write { connection in
            let size = number == 10 ? 200_000 : 10
            try connection.execute("INSERT INTO t VALUES(?, ?)", number, [UInt8](repeating: 1, count: size))
          }
        } catch let error as SQLiteError {
          failures.withLock { $0.append(error.code) }
        } catch {
          Issue.record(error)
        }
      }
    }
    try await Self.batch(database, works)
    #expect(failures.withLock { $0 } == [.full])
    #expect(try await Self.numbers(database) == (0..<20).filter { $0 != 10 })
    await database.close()
  }

  @Test func constraintErrorNamesTheStatementAndNoValue() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    try await database.write { try $0.execute("INSERT INTO t VALUES(1, ?)", "hidden") }
    let error = await #expect(throws: SQLiteError.self) {
      try await database.write { try $0.execute("INSERT INTO t VALUES(1, ?)", "hidden") }
    }
    #expect(error?.code == .constraint)
    #expect(error?.extendedCode == 1555)
    #expect(error?.sql == "INSERT INTO t VALUES(1, ?)")
    #expect(error?.description.contains("hidden") == false)
    #expect(error?.description.contains("\(folder.path)/w.db") == true)
    await database.close()
  }

  @Test func writesUnderWayAreMadeWhenClosing() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    let accepted = Locked<[Int]>([])
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          do {
            try await database.write { try $0.execute("INSERT INTO t(n) VALUES(?)", number) }
            accepted.withLock { $0.append(number) }
          } catch {
            #expect((error as? SQLiteError)?.code == .closed)
          }
        }
      }
      group.addTask { await database.close() }
    }
    let again = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    #expect(try await Self.numbers(again) == accepted.withLock { $0.sorted() })
    await again.close()
  }

  @Test func closedDatabaseRefuses() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    await database.close()
    await database.close()
    let write = await #expect(throws: SQLiteError.self) { try await database.write { _ in } }
    let read = await #expect(throws: SQLiteError.self) { try await database.read { _ in } }
    #expect(write?.code == .closed)
    #expect(read?.code == .closed)
    #expect(try names(in: folder.path) == ["w.db"], "the log has been emptied into the file")
  }

  @Test func closingStopsALongRead() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    let started = AsyncSignal()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let error = await #expect(throws: SQLiteError.self) {
          try await database.read { connection in
            started.fire()
            // Would count for days.
            let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            _ = try connection.first(sql) { try $0.int(0) }
          }
        }
        #expect(error?.code == .interrupted)
      }
      try await started.wait()
      await database.close()
      try await group.waitForAll()
    }
  }

  @Test func readsSeeWhatWasWrittenBefore() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    for number in 1...50 {
      try await database.write { try $0.execute("INSERT INTO t(n) VALUES(?)", number) }
      #expect(try await Self.numbers(database).count == number)
    }
    await database.close()
  }

  @Test func readersCannotWrite() async throws {
    let folder = try TemporaryFolder()
    let database = try await SQLiteDatabase.open("\(folder.path)/w.db", prepare: Self.table)
    let error = await #expect(throws: SQLiteError.self) {
      try await database.read { try $0.execute("INSERT INTO t(n) VALUES(1)") }
    }
    #expect(error?.code == .readOnly)
    await database.close()
  }
}
