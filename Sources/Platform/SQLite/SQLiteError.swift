import CSQLite
import Glibc

/// Why SQLite refused: its own codes, and what was being done. Holds the SQL as written, with placeholders, never the
/// values bound to it.
package struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A primary result code (https://www.sqlite.org/rescode.html), or one of ours below zero.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    package let number: Int32
    package let description: String

    /// Another connection holds a lock that was waited for in vain.
    package static let busy = Code(SQLITE_BUSY, "busy")
    package static let readOnly = Code(SQLITE_READONLY, "read_only")
    package static let interrupted = Code(SQLITE_INTERRUPT, "interrupted")
    package static let inputOutput = Code(SQLITE_IOERR, "input_output")
    package static let corrupt = Code(SQLITE_CORRUPT, "corrupt")
    /// The disk is full, or the database has reached its largest size.
    package static let full = Code(SQLITE_FULL, "full")
    package static let cannotOpen = Code(SQLITE_CANTOPEN, "cannot_open")
    package static let tooBig = Code(SQLITE_TOOBIG, "too_big")
    package static let constraint = Code(SQLITE_CONSTRAINT, "constraint")
    /// A column holds another type than the one asked for.
    package static let mismatch = Code(SQLITE_MISMATCH, "mismatch")
    package static let misuse = Code(SQLITE_MISUSE, "misuse")
    package static let permission = Code(SQLITE_PERM, "permission")
    package static let notADatabase = Code(SQLITE_NOTADB, "not_a_database")
    package static let outOfMemory = Code(SQLITE_NOMEM, "out_of_memory")
    /// The database has been closed by us.
    package static let closed = Code(-1, "closed")

    private init(_ number: Int32, _ name: String) {
      self.number = number
      description = name
    }

    fileprivate init(resultCode: Int32) {
      let primary = resultCode & 0xFF
      self =
        Self.known.first { $0.number == primary }
        ?? Code(primary, "sqlite_\(primary)")
    }

    private static let known: [Code] = [
      .busy, .readOnly, .interrupted, .inputOutput, .corrupt, .full, .cannotOpen, .tooBig, .constraint, .mismatch,
      .misuse, .permission, .notADatabase, .outOfMemory,
    ]

    package static func == (a: Code, b: Code) -> Bool { a.number == b.number }
    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
  }

  package var code: Code
  /// The extended result code, such as 1555 for a primary key taken; equal to the primary one where there is none.
  package var extendedCode: Int32
  package var message: String
  /// The file of the database.
  package var path: String
  /// The statement, with placeholders.
  package var sql: String?

  package init(_ code: Code, extendedCode: Int32? = nil, message: String, path: String, sql: String? = nil) {
    self.code = code
    self.extendedCode = extendedCode ?? code.number
    self.message = message
    self.path = path
    self.sql = sql
  }

  package var description: String {
    let place = sql.map { " in `\($0)`" } ?? ""
    return "\(path): \(message) (SQLite \(code) \(extendedCode))\(place)"
  }
}

extension SQLiteError {
  /// The error that `handle` reports for its last call; `handle` is nil only when SQLite could not even allocate one.
  init(resultCode: Int32, handle: OpaquePointer?, path: String, sql: String? = nil) {
    var message = String(cString: sqlite3_errstr(resultCode))
    var extended = resultCode
    if let handle {
      extended = sqlite3_extended_errcode(handle)
      message = String(cString: sqlite3_errmsg(handle))
      let systemError = sqlite3_system_errno(handle)
      if systemError != 0, [SQLITE_CANTOPEN, SQLITE_IOERR].contains(resultCode & 0xFF) {
        message += ": " + String(cString: strerror(systemError))
      }
    }
    self.init(Code(resultCode: resultCode), extendedCode: extended, message: message, path: path, sql: sql)
  }

  static func closed(_ path: String) -> SQLiteError {
    SQLiteError(.closed, message: "the database has been closed", path: path)
  }
}
