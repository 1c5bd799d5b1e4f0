import Concurrency
import JSON
import SQLite
import StackModel
package import Store

extension SQLiteStore {
  package func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord? {
    try await read { connection in
      if let revision {
        return try connection.first(
          "SELECT \(StackColumns.list) FROM revisions r WHERE r.name = ? AND r.revision = ?", name, revision
        ) { try StackColumns.read($0, connection) }
      }
      return try connection.first(
        """
        SELECT \(StackColumns.list) FROM stacks s
        JOIN revisions r ON r.name = s.name AND r.revision = s.latest
        WHERE s.name = ?
        """, name
      ) { try StackColumns.read($0, connection) }
    }
  }

  package func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord> {
    try PageLimit.check(limit)
    let after = try token?.textKey(of: "stacks")
    return try await read { connection in
      // One more than asked for tells whether there is a next page. Every name sorts after the empty one, which may be
      // a name itself: only a token excludes it.
      let found = try connection.rows(
        """
        SELECT \(StackColumns.list) FROM stacks s
        JOIN revisions r ON r.name = s.name AND r.revision = s.latest
        WHERE s.name >= ?1 AND s.name IS NOT ?2 ORDER BY s.name LIMIT ?3
        """, after ?? "", after, limit + 1
      ) { try StackColumns.read($0, connection) }
      return Page(found, limit: limit) { PageToken(list: "stacks", key: $0.name.utf8) }
    }
  }

  package func stackNames() async throws(StoreError) -> [String] {
    try await read { connection in
      try connection.rows("SELECT name FROM stacks ORDER BY name") { try $0.text(0) }
    }
  }

  package func add(
    _ record: StackRecord, contents: [FileContent], submission: Submission?
  ) async throws(StoreError) -> RevisionCreation {
    // Made here, not on the writer's thread.
    let stack = record.stack.json.text
    let contents = record.contentsByHash(contents)
    return try await write { connection in
      if let submission,
        let (revision, digest) = try Self.find(
          submission.key, of: submission.user, for: record.name, since: record.addedAt - Submission.lifetime, connection
        )
      {
        return .submittedBefore(revision: revision, digest: digest)
      }
      let latest = try connection.first("SELECT latest FROM stacks WHERE name = ?", record.name) { try $0.int(0) } ?? 0
      guard record.revision == latest + 1 else {
        throw record.revision == 1
          ? StoreError.stackExists(record.name) : StoreError.stackChanged(record, latest: latest)
      }
      try connection.execute(
        """
        INSERT INTO stacks(name, latest, parent) VALUES(?1, ?2, ?3)
        ON CONFLICT(name) DO UPDATE SET latest = ?2, parent = ?3
        """, record.name, record.revision, record.stack.from)
      try connection.execute(
        """
        INSERT INTO revisions(name, revision, level, added_at, added_by, file, source, stack)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?)
        """, record.name, record.revision, record.level?.name, record.addedAt.millisecondsSinceEpoch, record.addedBy,
        record.file, record.source, stack)
      try Self.insert(record.files, contents, of: record, connection)
      if let submission { try Self.insert(submission, for: record, connection) }
      return .created
    }
  }

  package func children(of name: String) async throws(StoreError) -> [String] {
    try await read { connection in
      try connection.rows("SELECT name FROM stacks WHERE parent = ? ORDER BY name", name) { try $0.text(0) }
    }
  }

  package func removeStack(named name: String, ifLatest revision: Int?) async throws(StoreError) {
    try await write { connection in
      let latest = try connection.first("SELECT latest FROM stacks WHERE name = ?", name) { try $0.int(0) }
      if let revision, let latest, latest != revision {
        throw StoreError.stackChanged(name, latest: latest, expected: revision)
      }
      guard try connection.execute("DELETE FROM stacks WHERE name = ?", name) > 0 else {
        throw StoreError.stackNotFound(name)
      }
      try connection.execute("DELETE FROM revisions WHERE name = ?", name)
      try connection.execute("DELETE FROM revision_submissions WHERE name = ?", name)
      try Self.removeDocuments(ofStack: name, connection)
      try Self.releaseContents(ofStack: name, connection)
    }
  }
}

private enum StackColumns {
  static let list = "r.name, r.revision, r.level, r.added_at, r.added_by, r.file, r.source, r.stack"

  static func read(_ row: SQLiteRow, _ connection: SQLiteConnection) throws -> StackRecord {
    let (name, revision) = (try row.text(0), try row.int(1))
    let columns = ColumnReading(row: row, connection: connection, record: "stack \(name), revision \(revision)")
    let stack: Stack
    do {
      stack = try Stack(json: try columns.json(7))
    } catch let error as JSONDecodingError {
      throw columns.damaged(error.description)
    }
    let level = try row.optionalText(2).map { text in
      guard let level = LayerLevel(name: text) else { throw columns.damaged("\"\(text)\" is no level of a layer") }
      return level
    }
    return StackRecord(
      name: name, revision: revision, source: try row.text(6), file: try row.text(5), stack: stack, level: level,
      addedAt: try columns.time(3), addedBy: try row.text(4), files: try files(of: name, revision, columns))
  }

  private static func files(of name: String, _ revision: Int, _ columns: ColumnReading) throws -> [StackFile] {
    try columns.connection.rows(
      """
      SELECT f.path, c.hash, f.size FROM revision_files f JOIN contents c ON c.id = f.content
      WHERE f.name = ? AND f.revision = ? ORDER BY f.path
      """, name, revision
    ) { row in
      let path = try row.text(0)
      guard let hash = ContentHash(bytes: try row.blob(1)) else {
        throw columns.damaged("the content of \(path) has no SHA-256")
      }
      return StackFile(path: path, content: hash, size: try row.int(2))
    }
  }
}
