import SQLite
package import Store

extension SQLiteStore {
  package func contents(
    _ hashes: [ContentHash], of referrer: ContentReferrer
  ) async throws(StoreError) -> [ContentHash: [UInt8]] {
    try await read { connection in
      var found: [ContentHash: [UInt8]] = [:]
      for hash in hashes where found[hash] == nil {
        guard let bytes = try Self.bytes(of: hash, referrer, connection) else { continue }
        guard ContentHash(of: bytes) == hash else {
          throw StoreError.damagedRecord(
            "content \(hash)", path: connection.path, cause: "its \(bytes.count) bytes have another SHA-256")
        }
        found[hash] = bytes
      }
      return found
    }
  }

  private static func bytes(
    of hash: ContentHash, _ referrer: ContentReferrer, _ connection: SQLiteConnection
  ) throws -> [UInt8]? {
    switch referrer {
    case .stack(let name):
      try connection.first(
        """
        SELECT c.bytes FROM contents c
        WHERE c.hash = ? AND EXISTS (SELECT 1 FROM revision_files f WHERE f.content = c.id AND f.name = ?)
        """, hash.bytes, name
      ) { try $0.blob(0) }
    case .run(let id):
      try connection.first(
        "SELECT c.bytes FROM contents c JOIN run_contents r ON r.content = c.id WHERE c.hash = ? AND r.run = ?",
        hash.bytes, id.number
      ) { try $0.blob(0) }
    }
  }

  /// - Parameter contents: of all the files.
  static func insert(
    _ files: [StackFile], _ contents: [ContentHash: [UInt8]], of record: StackRecord, _ connection: SQLiteConnection
  ) throws {
    for (hash, bytes) in contents {
      try connection.execute(
        "INSERT INTO contents(hash, bytes) VALUES(?, ?) ON CONFLICT(hash) DO NOTHING", hash.bytes, bytes)
    }
    for file in files {
      try connection.execute(
        """
        INSERT INTO revision_files(name, revision, path, content, size)
        VALUES(?, ?, ?, (SELECT id FROM contents WHERE hash = ?), ?)
        """, record.name, record.revision, file.path, file.content.bytes, file.size)
    }
  }

  static func insert(_ pins: [ContentPin], of run: RunID, _ connection: SQLiteConnection) throws {
    for pin in pins {
      let content = try connection.first(
        """
        SELECT c.id FROM contents c
        WHERE c.hash = ? AND EXISTS (SELECT 1 FROM revision_files f WHERE f.content = c.id AND f.name = ?)
        """, pin.content.bytes, pin.stack
      ) { try $0.int64(0) }
      guard let content else { throw StoreError.contentGone(pin) }
      try connection.execute("INSERT OR IGNORE INTO run_contents(run, content) VALUES(?, ?)", run.number, content)
    }
  }

  static func releaseContents(ofStack name: String, _ connection: SQLiteConnection) throws {
    let contents = try connection.rows("SELECT DISTINCT content FROM revision_files WHERE name = ?", name) {
      try $0.int64(0)
    }
    try connection.execute("DELETE FROM revision_files WHERE name = ?", name)
    try removeUnreferred(contents, connection)
  }

  static func releaseContents(ofRun id: RunID, _ connection: SQLiteConnection) throws {
    let contents = try connection.rows("SELECT content FROM run_contents WHERE run = ?", id.number) {
      try $0.int64(0)
    }
    try connection.execute("DELETE FROM run_contents WHERE run = ?", id.number)
    try removeUnreferred(contents, connection)
  }

  /// Of contents that something has just ceased to refer to, removes those that nothing else refers to.
  private static func removeUnreferred(_ contents: [Int64], _ connection: SQLiteConnection) throws {
    for content in contents {
      try connection.execute(
        """
        DELETE FROM contents WHERE id = ?1
          AND NOT EXISTS (SELECT 1 FROM revision_files WHERE content = ?1)
          AND NOT EXISTS (SELECT 1 FROM run_contents WHERE content = ?1)
        """, content)
    }
  }
}
