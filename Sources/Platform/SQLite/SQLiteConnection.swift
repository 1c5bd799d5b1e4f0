import CSQLite
import Concurrency

/// One connection to a database file, with a cache of prepared statements.
///
/// It belongs to one thread: it is opened without SQLite's own mutex (`SQLITE_OPEN_NOMUTEX`), which is safe because it is
/// no `Sendable` and reaches other code only as the argument of closures that run on its thread.
package final class SQLiteConnection {
  enum Access {
    case readWrite
    case readOnly
  }

  package let path: String
  let interrupter: SQLiteInterrupter
  private let handle: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]

  /// More different statements than any user of ours has; beyond it the text is being put together from values, and
  /// the cache starts anew rather than grow.
  private static let cachedStatementLimit = 128

  init(_ path: String, access: Access, busyTimeout: Duration) throws(SQLiteError) {
    let flags =
      switch access {
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(resultCode: code, handle: handle, path: path)
      sqlite3_close_v2(handle)
      throw error
    }
    self.path = path
    self.handle = handle
    interrupter = SQLiteInterrupter()
    interrupter.watch(handle)
    sqlite3_busy_timeout(handle, Int32(clamping: busyTimeout.wholeMilliseconds))
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  /// Runs one statement to its end.
  ///
  /// - Returns: the number of rows that an INSERT, UPDATE or DELETE changed.
  @discardableResult
  package func execute(_ sql: String, _ values: any SQLiteBindable...) throws(SQLiteError) -> Int {
    let statement = try take(sql)
    defer { giveBack(statement) }
    try statement.bind(values)
    while try statement.step() {}
    return Int(sqlite3_changes64(handle))
  }

  /// Runs several statements without values, separated by semicolons: schemas.
  package func executeScript(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw SQLiteError(resultCode: code, handle: handle, path: path, sql: sql)
    }
  }

  /// All rows, each as `element` reads it.
  package func rows<Element>(
    _ sql: String, _ values: any SQLiteBindable..., element: (SQLiteRow) throws -> Element
  ) throws -> [Element] {
    let statement = try take(sql)
    defer { giveBack(statement) }
    try statement.bind(values)
    var elements: [Element] = []
    while try statement.step() { elements.append(try element(SQLiteRow(statement: statement))) }
    return elements
  }

  /// The first row, as `element` reads it; nil if there is none.
  package func first<Element>(
    _ sql: String, _ values: any SQLiteBindable..., element: (SQLiteRow) throws -> Element
  ) throws -> Element? {
    let statement = try take(sql)
    defer { giveBack(statement) }
    try statement.bind(values)
    guard try statement.step() else { return nil }
    return try element(SQLiteRow(statement: statement))
  }

  /// The rowid of the last successful INSERT on this connection.
  package var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// False also after SQLite itself has rolled back because of a serious error such as a full disk.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Whether the last connection that closes empties the write-ahead log into the database file.
  func setCheckpointOnClose(_ enabled: Bool) throws(SQLiteError) {
    let code = csqlite_set_checkpoint_on_close(handle, enabled ? 1 : 0)
    guard code == SQLITE_OK else { throw SQLiteError(resultCode: code, handle: handle, path: path) }
  }

  private func take(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let statement = statements[sql], !statement.isInUse {
      statement.isInUse = true
      return statement
    }
    let statement = try SQLiteStatement(sql, handle: handle, path: path)
    statement.isInUse = true
    if statements.count >= Self.cachedStatementLimit { statements = statements.filter { $0.value.isInUse } }
    // A nested use of the same text keeps its own statement, which ends with it.
    if statements[sql] == nil { statements[sql] = statement }
    return statement
  }

  private func giveBack(_ statement: SQLiteStatement) {
    statement.reset()
    statement.isInUse = false
  }
}

/// Stops what a connection is doing, for good, from any thread.
///
/// SQLite asks it every few microseconds of work (https://www.sqlite.org/c3ref/progress_handler.html).
/// `sqlite3_interrupt` would not do: it is forgotten when no statement happens to run at that moment.
final class SQLiteInterrupter: Sendable {
  private let isStopped = Locked(false)

  /// Statements under way and later long ones fail with `.interrupted`.
  func interrupt() {
    isStopped.withLock { $0 = true }
  }

  /// Instructions of SQLite's virtual machine between two questions.
  private static let interval: Int32 = 1_000

  /// The connection must keep this object until it has been closed.
  fileprivate func watch(_ handle: OpaquePointer) {
    sqlite3_progress_handler(
      handle, Self.interval,
      { context in
        guard let context else { return 0 }
        let interrupter = Unmanaged<SQLiteInterrupter>.fromOpaque(context).takeUnretainedValue()
        return interrupter.isStopped.withLock { $0 } ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
