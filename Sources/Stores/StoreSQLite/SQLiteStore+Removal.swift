import SQLite
package import Store

/// Removing a run: it is gone, with the contents that only it has pinned, with the first commit; its journal, which may have a million lines, follows in parts, so
/// that other runs' commits come in between. What a crash leaves over is removed when the store is opened again.
extension SQLiteStore {
  package func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError) {
    try await write(in: epoch) { connection in
      guard try connection.execute("DELETE FROM runs WHERE id = ?", id.number) > 0 else { return }
      try connection.execute("DELETE FROM submissions WHERE run = ?", id.number)
      try Self.releaseContents(ofRun: id, connection)
      try connection.execute("INSERT INTO removed_runs(id) VALUES(?)", id.number)
    }
    try await removeJournal(of: id)
  }

  func finishRemovals() async throws(StoreError) {
    let ids = try await read { connection in
      try connection.rows("SELECT id FROM removed_runs") { RunID(try $0.int64(0)) }
    }
    for id in ids { try await removeJournal(of: id) }
  }

  /// A few milliseconds' work.
  private static let linesAtOnce = 2_000

  private func removeJournal(of id: RunID) async throws(StoreError) {
    var isDone = false
    while !isDone {
      isDone = try await write { connection in
        let isRemoved = try connection.first("SELECT 1 FROM removed_runs WHERE id = ?", id.number) { _ in true }
        guard isRemoved == true else { return true }
        let removed = try connection.execute(
          """
          DELETE FROM journal WHERE run = ?1 AND sequence IN
            (SELECT sequence FROM journal WHERE run = ?1 ORDER BY sequence LIMIT ?2)
          """, id.number, Self.linesAtOnce)
        guard removed < Self.linesAtOnce else { return false }
        try connection.execute("DELETE FROM removed_runs WHERE id = ?", id.number)
        return true
      }
    }
  }
}
