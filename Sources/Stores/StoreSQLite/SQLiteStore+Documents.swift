package import Concurrency
import JSON
import SQLite
package import Store

extension SQLiteStore {
  package func document(
    _ key: String, of stack: String, at now: Timestamp
  ) async throws(StoreError) -> DocumentRecord? {
    try await read { connection in
      try connection.first(
        """
        SELECT version, expires_at, value FROM documents
        WHERE stack = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)
        """, stack, key, now.millisecondsSinceEpoch
      ) { row in
        let columns = ColumnReading(row: row, connection: connection, record: "document \(key) of stack \(stack)")
        return DocumentRecord(
          key: key, value: try columns.json(2), version: try columns.time(0), expiresAt: try columns.optionalTime(1))
      }
    }
  }

  package func documentKeys(
    of stack: String, in range: DocumentRange, limit: Int, at now: Timestamp
  ) async throws(StoreError) -> DocumentKeys {
    try PageLimit.check(limit)
    return try await read { connection in
      // One more than asked for tells whether there are more. Where the prefix ends is seen in what comes.
      let found = try connection.rows(
        """
        SELECT key FROM documents
        WHERE stack = ?1 AND key >= ?2 AND key IS NOT ?3 AND (expires_at IS NULL OR expires_at > ?4)
        ORDER BY key LIMIT ?5
        """, stack, range.start, range.after, now.millisecondsSinceEpoch, limit + 1
      ) { try $0.text(0) }
      return DocumentKeys(found, in: range, limit: limit)
    }
  }

  package func documentCount(of stack: String) async throws(StoreError) -> Int {
    try await read { connection in
      try connection.first("SELECT count FROM document_counts WHERE stack = ?", stack) { try $0.int(0) } ?? 0
    }
  }

  package func latestDocumentVersion(of stack: String) async throws(StoreError) -> Timestamp? {
    try await read { connection in
      let version = try connection.first("SELECT max(version) FROM documents WHERE stack = ?", stack) {
        try $0.optionalInt64(0)
      }
      return (version ?? nil).map { Timestamp(millisecondsSinceEpoch: $0) }
    }
  }

  /// So few at once that other commits come in between.
  private static let documentsAtOnce = 500

  package func removeExpiredDocuments(at now: Timestamp, epoch: Epoch) async throws(StoreError) {
    var isDone = false
    while !isDone {
      isDone = try await write(in: epoch) { connection in
        let removed = try connection.execute(
          "DELETE FROM documents WHERE id IN (SELECT id FROM documents WHERE expires_at <= ? LIMIT ?)",
          now.millisecondsSinceEpoch, Self.documentsAtOnce)
        return removed < Self.documentsAtOnce
      }
    }
  }

  static func removeDocuments(ofStack name: String, _ connection: SQLiteConnection) throws {
    try connection.execute("DELETE FROM documents WHERE stack = ?", name)
    try connection.execute("DELETE FROM document_counts WHERE stack = ?", name)
  }

  static func write(_ document: WrittenDocument, _ connection: SQLiteConnection) throws {
    let write = document.write
    let version = write.version.millisecondsSinceEpoch
    switch write.change {
    case .put(_, let expiresAt):
      try connection.execute(
        """
        INSERT INTO documents(stack, key, version, expires_at, value) VALUES(?1, ?2, ?3, ?4, ?5)
        ON CONFLICT(stack, key) DO UPDATE SET version = ?3, expires_at = ?4, value = ?5 WHERE version <= ?3
        """, write.stack, write.key, version, expiresAt?.millisecondsSinceEpoch, document.text)
    case .delete:
      try connection.execute(
        "DELETE FROM documents WHERE stack = ? AND key = ? AND version <= ?", write.stack, write.key, version)
    }
  }
}

/// A write with its value as text, which is made before the writer's thread has to do with it.
struct WrittenDocument: Sendable {
  let write: DocumentWrite
  /// Empty where nothing is put.
  let text: String

  init(_ write: DocumentWrite) {
    self.write = write
    if case .put(let value, _) = write.change { text = value.text } else { text = "" }
  }
}
