import CSQLite

/// One prepared statement of one connection, finalised with this object.
///
/// Confined, like its connection, to the thread that made it.
final class SQLiteStatement {
  let sql: String
  /// A statement that is being stepped must not be bound anew by a nested use of the same SQL.
  var isInUse = false
  private let pointer: OpaquePointer
  private let handle: OpaquePointer
  private let path: String

  /// Lets SQLite copy what is bound before the call returns. The C macro is a cast that Swift does not import.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(_ sql: String, handle: OpaquePointer, path: String) throws(SQLiteError) {
    var pointer: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
    guard code == SQLITE_OK else {
      throw SQLiteError(resultCode: code, handle: handle, path: path, sql: sql)
    }
    guard let pointer else {
      throw SQLiteError(.misuse, message: "there is no statement in this text", path: path, sql: sql)
    }
    self.sql = sql
    self.pointer = pointer
    self.handle = handle
    self.path = path
  }

  deinit {
    sqlite3_finalize(pointer)
  }

  func bind(_ values: [any SQLiteBindable]) throws(SQLiteError) {
    let expected = Int(sqlite3_bind_parameter_count(pointer))
    guard values.count == expected else {
      throw SQLiteError(
        .misuse, message: "\(values.count) values for \(expected) placeholders", path: path, sql: sql)
    }
    for (index, value) in values.enumerated() {
      let code = bind(value.sqliteValue, at: Int32(index + 1))
      guard code == SQLITE_OK else {
        throw SQLiteError(resultCode: code, handle: handle, path: path, sql: sql)
      }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null:
      return sqlite3_bind_null(pointer, index)
    case .integer(let number):
      return sqlite3_bind_int64(pointer, index, number)
    case .real(let number):
      return sqlite3_bind_double(pointer, index, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        // Without an address SQLite would bind NULL instead of the empty text.
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
          return sqlite3_bind_text(pointer, index, "", 0, Self.transient)
        }
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
          sqlite3_bind_text64(
            pointer, index, $0, sqlite3_uint64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
        }
      }
    case .blob(let blob):
      guard !blob.isEmpty else { return sqlite3_bind_zeroblob(pointer, index, 0) }
      return blob.withUnsafeBytes {
        sqlite3_bind_blob64(pointer, index, $0.baseAddress, sqlite3_uint64($0.count), Self.transient)
      }
    }
  }

  /// Goes to the next row; false at the end.
  func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(pointer)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw SQLiteError(resultCode: code, handle: handle, path: path, sql: sql)
    }
  }

  /// Makes it ready for its next use. What `sqlite3_reset` returns repeats the error of the last step.
  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  func value(at column: Int) -> SQLiteValue {
    let column = Int32(column)
    switch sqlite3_column_type(pointer, column) {
    case SQLITE_INTEGER:
      return .integer(sqlite3_column_int64(pointer, column))
    case SQLITE_FLOAT:
      return .real(sqlite3_column_double(pointer, column))
    case SQLITE_TEXT:
      guard let start = sqlite3_column_text(pointer, column) else { return .text("") }
      let count = Int(sqlite3_column_bytes(pointer, column))
      return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
    case SQLITE_BLOB:
      guard let start = sqlite3_column_blob(pointer, column) else { return .blob([]) }
      let count = Int(sqlite3_column_bytes(pointer, column))
      return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    default:
      return .null
    }
  }

  func mismatch(at column: Int, wanted: String) -> SQLiteError {
    SQLiteError(.mismatch, message: "column \(column) holds no \(wanted)", path: path, sql: sql)
  }
}
