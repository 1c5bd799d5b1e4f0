import Concurrency
import JSON
import SQLite
package import Store

extension SQLiteStore {
  package func owners(of applications: [String]) async throws(StoreError) -> [OwnershipRecord] {
    try await read { connection in try applications.compactMap { try OwnershipColumns.find($0, connection) } }
  }

  package func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord] {
    try await read { connection in
      try connection.rows(
        "SELECT \(OwnershipColumns.list) FROM ownership WHERE stack = ? AND zone = ? ORDER BY application", stack, zone
      ) { try OwnershipColumns.read($0, connection) }
    }
  }

  package func putOwnership(_ records: [OwnershipRecord], epoch: Epoch) async throws(StoreError) {
    // Made here, not on the writer's thread.
    let texts = records.map { record in
      (definition: record.definition.text, dependencies: JSON.array(record.dependencies.map { .string($0) }).text)
    }
    try await write(in: epoch) { connection in
      for (record, text) in zip(records, texts) {
        let stored =
          try connection.first("SELECT version FROM ownership WHERE application = ?", record.application) {
            try $0.int(0)
          } ?? 0
        guard record.version == stored + 1 else {
          if record.version == 1, let owner = try OwnershipColumns.find(record.application, connection) {
            throw StoreError.applicationOwned(record.application, by: owner)
          }
          throw StoreError.ownershipChanged(record.application, stored: stored, expected: record.version - 1)
        }
        try connection.execute(
          "INSERT OR REPLACE INTO ownership(\(OwnershipColumns.list)) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          record.application, record.version, record.stack, record.zone, record.revision, record.run.number,
          record.versionBefore, record.at.millisecondsSinceEpoch, text.dependencies, text.definition)
      }
    }
  }

  package func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try await write(in: epoch) { connection in
      try connection.execute("DELETE FROM ownership WHERE application = ?", application)
    }
  }
}

private enum OwnershipColumns {
  static let list =
    "application, version, stack, zone, revision, run, version_before, at, dependencies, definition"

  static func find(_ application: String, _ connection: SQLiteConnection) throws -> OwnershipRecord? {
    try connection.first("SELECT \(list) FROM ownership WHERE application = ?", application) {
      try read($0, connection)
    }
  }

  static func read(_ row: SQLiteRow, _ connection: SQLiteConnection) throws -> OwnershipRecord {
    let application = try row.text(0)
    let columns = ColumnReading(row: row, connection: connection, record: "owner of \(application)")
    guard let dependencies = try columns.json(8).arrayValue?.compactMap(\.stringValue) else {
      throw columns.damaged("the dependencies are no list")
    }
    return OwnershipRecord(
      application: application, stack: try row.text(2), zone: try row.text(3), revision: try row.int(4),
      run: RunID(try row.int64(5)), versionBefore: try row.optionalText(6), definition: try columns.json(9),
      dependencies: dependencies, at: try columns.time(7), version: try row.int(1))
  }
}
