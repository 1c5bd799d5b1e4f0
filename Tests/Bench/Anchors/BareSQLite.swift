import CSQLite
import Glibc

/// What SQLite itself can commit and read: its C library, one thread, the settings of our store.
struct BareSQLite {
  /// What is written each time.
  enum Content {
    case journal
    /// A document, and the entry of its run's journal that says so.
    case documents
  }

  private let database: OpaquePointer
  private var inserts: [OpaquePointer] = []

  /// An existing file, to be read.
  ///
  /// - Throws: `BenchError`.
  init(path: String) throws {
    var database: OpaquePointer?
    guard sqlite3_open(path, &database) == SQLITE_OK, let database else { throw BenchError("SQLite opens no \(path)") }
    self.database = database
  }

  /// A new file, to be written.
  ///
  /// - Throws: `BenchError`.
  init(path: String, for content: Content) throws {
    try self.init(path: path)
    try execute(
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;
      CREATE TABLE journal(
        run INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY(run, sequence)) STRICT, WITHOUT ROWID;
      CREATE TABLE documents(
        id INTEGER PRIMARY KEY, stack TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, expires_at INTEGER,
        value TEXT NOT NULL, UNIQUE(stack, key)) STRICT;
      """)
    inserts = [
      try prepare("INSERT INTO journal VALUES(1, ?1, 0, 'web/launch', 'intent', '{\"change\":\"create\"}')")
    ]
    guard content == .documents else { return }
    inserts.append(
      try prepare("INSERT INTO documents(stack, key, version, value) VALUES('put', 'key/' || ?1, 0, ?1)"))
  }

  func close() {
    for insert in inserts { sqlite3_finalize(insert) }
    sqlite3_close(database)
  }

  // MARK: Writing

  /// How often a second its content is written, so many times in each commit, over about half a second.
  func rate(perCommit: Int, from first: Int64) throws -> (rate: Double, next: Int64) {
    var sequence = first
    let begin = ContinuousClock.now
    repeat {
      try execute("BEGIN")
      for _ in 0..<perCommit {
        for insert in inserts {
          sqlite3_bind_int64(insert, 1, sequence)
          let code = sqlite3_step(insert)
          sqlite3_reset(insert)
          guard code == SQLITE_DONE else { throw failure }
        }
        sequence += 1
      }
      try execute("COMMIT")
    } while ContinuousClock.now - begin < .milliseconds(500)
    return (Double(sequence - first) / ((ContinuousClock.now - begin) / .seconds(1)), sequence)
  }

  /// Several of these, in a new file.
  static func rates(_ bench: Bench, _ content: Content, perCommit: Int) throws -> [Double] {
    let path = "\(bench.folder)/bare.db"
    defer { for ending in ["", "-wal", "-shm"] { Files.remove(path + ending) } }
    let bare = try BareSQLite(path: path, for: content)
    defer { bare.close() }
    var next: Int64 = 1
    return try (0..<bench.samples).map { _ in
      let (rate, after) = try bare.rate(perCommit: perCommit, from: next)
      next = after
      return rate
    }
  }

  // MARK: Reading

  /// Milliseconds for a question and all columns of its answer.
  func time(of question: String) throws -> Double {
    let begin = ContinuousClock.now
    let statement = try prepare(question)
    defer { sqlite3_finalize(statement) }
    var rows = 0
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        rows += 1
        for column in 0..<sqlite3_column_count(statement) { _ = sqlite3_column_text(statement, column) }
      case SQLITE_DONE:
        guard rows > 0 else { throw BenchError("nothing is found by \(question)") }
        return (ContinuousClock.now - begin) / .milliseconds(1)
      default: throw failure
      }
    }
  }

  // MARK: Calls

  private var failure: BenchError { BenchError("SQLite: \(String(cString: sqlite3_errmsg(database)))") }

  private func execute(_ statements: String) throws {
    guard sqlite3_exec(database, statements, nil, nil, nil) == SQLITE_OK else { throw failure }
  }

  private func prepare(_ statement: String) throws -> OpaquePointer {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(database, statement, -1, &prepared, nil) == SQLITE_OK, let prepared else { throw failure }
    return prepared
  }
}
