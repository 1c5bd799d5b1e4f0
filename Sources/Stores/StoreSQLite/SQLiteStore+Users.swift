import Concurrency
import SQLite
package import Store

extension SQLiteStore {
  package func user(named name: String) async throws(StoreError) -> UserRecord? {
    try await read { try UserColumns.find(name, $0) }
  }

  package func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
    try PageLimit.check(limit)
    let after = try token?.textKey(of: "users")
    return try await read { connection in
      // As for stacks: only a token excludes the empty name.
      let found = try connection.rows(
        """
        SELECT \(UserColumns.list) FROM users WHERE name >= ?1 AND name IS NOT ?2 ORDER BY name LIMIT ?3
        """, after ?? "", after, limit + 1
      ) { try UserColumns.read($0, connection) }
      return Page(found, limit: limit) { PageToken(list: "users", key: $0.name.utf8) }
    }
  }

  package func add(_ user: UserRecord) async throws(StoreError) {
    try await write { connection in
      let inserted = try connection.execute(
        "INSERT INTO users(\(UserColumns.list)) VALUES(?, ?, ?, ?, ?) ON CONFLICT(name) DO NOTHING",
        user.name, user.role.rawValue, user.key.name, user.key.bytes, user.createdAt.millisecondsSinceEpoch)
      guard inserted == 1 else { throw StoreError.userExists(user.name) }
    }
  }

  package func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
    precondition(
      old.name.utf8.elementsEqual(new.name.utf8), "a user's name is its key and cannot be replaced")
    try await write { connection in
      guard try UserColumns.find(old.name, connection) == old else { throw StoreError.userChanged(old.name) }
      try connection.execute(
        "UPDATE users SET role = ?, digest = ?, key = ?, created_at = ? WHERE name = ?",
        new.role.rawValue, new.key.name, new.key.bytes, new.createdAt.millisecondsSinceEpoch, new.name)
    }
  }
}

private enum UserColumns {
  static let list = "name, role, digest, key, created_at"

  static func find(_ name: String, _ connection: SQLiteConnection) throws -> UserRecord? {
    try connection.first("SELECT \(list) FROM users WHERE name = ?", name) { try read($0, connection) }
  }

  static func read(_ row: SQLiteRow, _ connection: SQLiteConnection) throws -> UserRecord {
    let name = try row.text(0)
    let columns = ColumnReading(row: row, connection: connection, record: "user \(name)")
    let (digest, bytes) = (try row.text(2), try row.blob(3))
    guard let key = UserRecord.KeyDigest(name: digest, bytes: bytes) else {
      throw columns.damaged("\(bytes.count) bytes are no digest \(digest)")
    }
    return UserRecord(
      name: name, role: try columns.named(1, as: UserRole.self), key: key, createdAt: try columns.time(4))
  }
}

extension UserRecord.KeyDigest {
  fileprivate var name: String {
    switch self {
    case .sha256: "sha256"
    case .sha1: "sha1"
    }
  }

  fileprivate var bytes: [UInt8] {
    switch self {
    case .sha256(let bytes), .sha1(let bytes): bytes
    }
  }

  fileprivate init?(name: String, bytes: [UInt8]) {
    switch (name, bytes.count) {
    case ("sha256", 32): self = .sha256(bytes)
    case ("sha1", 20): self = .sha1(bytes)
    default: return nil
    }
  }
}
