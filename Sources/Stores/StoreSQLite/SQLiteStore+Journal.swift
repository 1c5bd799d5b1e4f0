import Concurrency
import JSON
import SQLite
package import Store

extension SQLiteStore {
  package func appendJournal(
    _ records: [JournalRecord], documents: [DocumentWrite], to run: RunID, epoch: Epoch
  ) async throws(StoreError) {
    // Made here, not on the writer's thread.
    let bodies = records.map(\.body.text)
    let documents = documents.map(WrittenDocument.init)
    try await write(in: epoch) { connection in
      let last = try connection.first(
        "SELECT (SELECT max(sequence) FROM journal WHERE run = ?1) FROM runs WHERE id = ?1", run.number
      ) { try $0.optionalInt64(0) ?? 0 }
      guard let last else { throw StoreError.runNotFound(run) }
      guard JournalRecord.follow(records, last: last) else {
        throw StoreError.journalChanged(run, last: last, records: records)
      }
      for (record, body) in zip(records, bodies) {
        try connection.execute(
          "INSERT INTO journal(run, sequence, at, path, kind, body) VALUES(?, ?, ?, ?, ?, ?)",
          run.number, record.sequence, record.at.millisecondsSinceEpoch, record.path, record.kind, body)
      }
      for document in documents { try Self.write(document, connection) }
    }
  }

  package func journal(
    of run: RunID, after sequence: Int64, limit: Int
  ) async throws(StoreError) -> [JournalRecord] {
    try PageLimit.checkJournal(limit)
    return try await read { connection in
      try connection.rows(
        """
        SELECT sequence, at, path, kind, body FROM journal
        WHERE run = ?1 AND sequence > ?2 AND EXISTS (SELECT 1 FROM runs WHERE id = ?1)
        ORDER BY sequence LIMIT ?3
        """, run.number, sequence, limit
      ) { row in
        let sequence = try row.int64(0)
        let columns = ColumnReading(
          row: row, connection: connection, record: "journal of run \(run), line \(sequence)")
        return JournalRecord(
          sequence: sequence, at: try columns.time(1), path: try row.text(2), kind: try row.text(3),
          body: try columns.json(4))
      }
    }
  }
}
