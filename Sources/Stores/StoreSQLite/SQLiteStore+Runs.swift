import Concurrency
import JSON
import SQLite
package import Store

extension SQLiteStore {
  package func createRun(
    _ draft: RunRecord, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunRecord {
    let snapshot = draft.snapshot.text
    return try await write(in: epoch) { try Self.insert(draft, snapshot: snapshot, pinning: pins, $0) }
  }

  /// - Parameter snapshot: the draft's as text.
  static func insert(
    _ draft: RunRecord, snapshot: String, pinning pins: [ContentPin], _ connection: SQLiteConnection
  ) throws -> RunRecord {
    var record = draft
    record.version = 1
    try connection.execute(
      """
      INSERT INTO runs(version, kind, stack, zone, state, is_final, error, created_at, created_by, started_at,
        ended_at, snapshot)
      VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, record.version, record.kind.rawValue, record.stack, record.zone, record.state.rawValue,
      record.state.isFinal, record.error, record.createdAt.millisecondsSinceEpoch, record.createdBy,
      record.startedAt?.millisecondsSinceEpoch, record.endedAt?.millisecondsSinceEpoch, snapshot)
    record.id = RunID(connection.lastInsertedID)
    try insert(pins, of: record.id, connection)
    return record
  }

  package func run(_ id: RunID) async throws(StoreError) -> RunRecord? {
    try await read { connection in
      try connection.first("SELECT \(RunColumns.list) FROM runs WHERE id = ?", id.number) {
        try RunColumns.read($0, connection)
      }
    }
  }

  package func runs(
    matching filter: RunFilter, after token: PageToken?, limit: Int
  ) async throws(StoreError) -> Page<RunRecord> {
    try PageLimit.check(limit)
    let before = try token?.numberKey(of: "runs") ?? .max
    let condition = RunColumns.condition(filter)
    return try await read { connection in
      // One more than asked for tells whether there is a next page.
      let found = try connection.rows(
        "SELECT \(RunColumns.list) FROM runs WHERE \(condition) ORDER BY id DESC LIMIT ?4",
        before, filter.stack, filter.zone, limit + 1
      ) { try RunColumns.read($0, connection) }
      return Page(found, limit: limit) { PageToken(list: "runs", key: $0.id.number) }
    }
  }

  package func unfinishedRuns() async throws(StoreError) -> [RunRecord] {
    try await read { connection in
      try connection.rows("SELECT \(RunColumns.list) FROM runs WHERE is_final = 0 ORDER BY id") {
        try RunColumns.read($0, connection)
      }
    }
  }

  package func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    return try await write(in: epoch) { connection in
      let id = record.id.number
      let stored = try connection.first("SELECT version FROM runs WHERE id = ?", id) { try $0.int(0) }
      guard let stored else { throw StoreError.runNotFound(record.id) }
      guard stored == record.version else {
        throw StoreError.runChanged(record.id, stored: stored, expected: record.version)
      }
      var updated = record
      updated.version += 1
      try connection.execute(
        """
        UPDATE runs SET version = ?, kind = ?, stack = ?, zone = ?, state = ?, is_final = ?, error = ?, created_at = ?,
          created_by = ?, started_at = ?, ended_at = ?
        WHERE id = ?
        """, updated.version, updated.kind.rawValue, updated.stack, updated.zone, updated.state.rawValue,
        updated.state.isFinal, updated.error, updated.createdAt.millisecondsSinceEpoch, updated.createdBy,
        updated.startedAt?.millisecondsSinceEpoch, updated.endedAt?.millisecondsSinceEpoch, id)
      return updated
    }
  }
}

private enum RunColumns {
  static let list =
    "id, version, kind, stack, zone, state, error, created_at, created_by, started_at, ended_at, snapshot"

  /// Rows below the id ?1, of the stack ?2 and the zone ?3. Only what restricts is said, so that the indexes serve.
  static func condition(_ filter: RunFilter) -> String {
    var conditions = ["id < ?1"]
    if filter.stack != nil { conditions.append("stack = ?2") }
    if filter.zone != nil { conditions.append("zone = ?3") }
    if !filter.states.isEmpty {
      // Names of our own enum, not of the user. They stand in the order of the enum, so that there are few texts.
      let states = RunRecord.State.allCases.filter(filter.states.contains)
      conditions.append("state IN (\(states.map { "'\($0.rawValue)'" }.joined(separator: ", ")))")
      if !states.contains(where: \.isFinal) { conditions.append("is_final = 0") }
    }
    return conditions.joined(separator: " AND ")
  }

  static func read(_ row: SQLiteRow, _ connection: SQLiteConnection) throws -> RunRecord {
    let id = RunID(try row.int64(0))
    let columns = ColumnReading(row: row, connection: connection, record: "run \(id)")
    return RunRecord(
      id: id,
      kind: try columns.named(2, as: RunRecord.Kind.self),
      stack: try row.text(3),
      zone: try row.text(4),
      state: try columns.named(5, as: RunRecord.State.self),
      error: try row.optionalText(6),
      snapshot: try columns.json(11),
      createdAt: try columns.time(7),
      createdBy: try row.text(8),
      startedAt: try columns.optionalTime(9),
      endedAt: try columns.optionalTime(10),
      version: try row.int(1))
  }
}
