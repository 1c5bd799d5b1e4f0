import CSQLite
import Glibc

/// What SQLite itself can commit: its C library, one thread, the settings of our store.
struct BareSQLite {
  private let database: OpaquePointer
  private let insert: OpaquePointer

  /// - Throws: `BenchError`.
  init(path: String) throws {
    var database: OpaquePointer?
    guard sqlite3_open(path, &database) == SQLITE_OK, let database else { throw BenchError("SQLite opens no \(path)") }
    let schema = """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE journal(
        run INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY(run, sequence)) STRICT, WITHOUT ROWID;
      """
    var insert: OpaquePointer?
    guard sqlite3_exec(database, schema, nil, nil, nil) == SQLITE_OK,
      sqlite3_prepare_v2(
        database, "INSERT INTO journal VALUES(1, ?1, 0, 'web/launch', 'intent', '{\"change\":\"create\"}')", -1,
        &insert, nil) == SQLITE_OK, let insert
    else { throw BenchError("SQLite: \(String(cString: sqlite3_errmsg(database)))") }
    self.database = database
    self.insert = insert
  }

  /// Rows per second, so many of them in each commit, over about half a second.
  func rate(rowsPerCommit: Int, from first: Int64) throws -> (rate: Double, next: Int64) {
    var sequence = first
    let begin = ContinuousClock.now
    repeat {
      sqlite3_exec(database, "BEGIN", nil, nil, nil)
      for _ in 0..<rowsPerCommit {
        sqlite3_bind_int64(insert, 1, sequence)
        let code = sqlite3_step(insert)
        sqlite3_reset(insert)
        guard code == SQLITE_DONE else { throw BenchError("SQLite: \(String(cString: sqlite3_errmsg(database)))") }
        sequence += 1
      }
      sqlite3_exec(database, "COMMIT", nil, nil, nil)
    } while ContinuousClock.now - begin < .milliseconds(500)
    return (Double(sequence - first) / ((ContinuousClock.now - begin) / .seconds(1)), sequence)
  }

  func close() {
    sqlite3_finalize(insert)
    sqlite3_close(database)
  }
}
