import SQLite
package import Store

extension StoreError {
  /// What an error of the database means to whoever runs the server.
  package init(databaseFailure error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case let error as SQLiteError: self.init(error)
    default: self.init(.unavailable, "The store failed", cause: "\(error)")
    }
  }

  private init(_ error: SQLiteError) {
    let (code, sentence) = Self.meaning(of: error)
    self.init(code, sentence, cause: error.description)
  }

  private static func meaning(of error: SQLiteError) -> (Code, String) {
    let path = error.path
    return switch error.code {
    case .closed, .interrupted:
      (.closed, "The store has been closed")
    case .full:
      (.unavailable, "There is no room left for \(path): free disk space; what was stored before is safe")
    case .readOnly, .permission:
      (
        .unavailable,
        "\(path) cannot be written to: check its permissions, its owner and that its disk is not mounted read-only"
      )
    case .cannotOpen:
      (.unavailable, "\(path) cannot be opened: check the permissions of the file and its folder")
    case .inputOutput:
      (.unavailable, "The disk failed under \(path): check the system's log for its errors")
    case .busy:
      (.inUse, "Another program holds \(path) locked: close it")
    case .notADatabase:
      (.corrupt, "\(path) is no database: move it away to start anew, or put a backup in its place")
    case .corrupt, .mismatch:
      (.corrupt, damaged(path))
    default:
      (.unavailable, "The store \(path) failed")
    }
  }

  /// A record that is there but cannot be read.
  static func damagedRecord(_ what: String, path: String, cause: String) -> StoreError {
    StoreError(.corrupt, damaged(path), cause: "\(what): \(cause)")
  }

  private static func damaged(_ path: String) -> String {
    """
    \(path) is damaged: stop the server and put a backup in its place, or save what can be read with \
    `sqlite3 \(path) .recover` into a new file
    """
  }
}
