import SQLite
package import Store

extension SQLiteStore {
  package func beginEpoch() async throws(StoreError) -> Epoch {
    try await write { connection in
      try connection.execute("UPDATE epoch SET number = number + 1")
      return Epoch(try connection.first("SELECT number FROM epoch") { try $0.int64(0) } ?? 0)
    }
  }

  package func setting(_ name: String) async throws(StoreError) -> String? {
    try await read { connection in
      try connection.first("SELECT value FROM settings WHERE name = ?", name) { try $0.text(0) }
    }
  }

  package func setSetting(_ name: String, to value: String) async throws(StoreError) {
    try await write { connection in
      try connection.execute("INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)", name, value)
    }
  }
}
