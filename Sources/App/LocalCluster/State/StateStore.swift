import Concurrency
import JSON
import SQLite

/// Definitions, their versions and the cluster's ids, in the data folder.
///
/// Commits survive the end of the process (`synchronous=NORMAL`); a loss of power may take the last ones.
struct StateStore: Sendable {
  /// Versions that are kept of one application, as Marathon's default.
  private static let versionLimit = 50
  private static let schema = 1

  private let database: SQLiteDatabase

  static func open(_ path: String) async throws -> StateStore {
    var options = SQLiteDatabase.Options()
    options.synchronous = .normal
    options.readers = 1
    let database = try await SQLiteDatabase.open(
      path, options: options,
      inspect: { connection in
        let version = try connection.first("PRAGMA user_version") { try $0.int(0) } ?? 0
        guard version <= schema else { throw ClusterError.newerState(path: path, version: version) }
      },
      prepare: { connection in
        try connection.executeScript(
          """
          CREATE TABLE IF NOT EXISTS definition(
            app TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(app, version)) WITHOUT ROWID;
          CREATE TABLE IF NOT EXISTS current(app TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
          CREATE TABLE IF NOT EXISTS identity(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
          PRAGMA user_version = \(schema);
          """)
      })
    return StateStore(database: database)
  }

  private init(database: SQLiteDatabase) { self.database = database }

  func close() async { await database.close() }

  /// The cluster's id: made once, then always the same.
  func identity(makeUUID: @escaping @Sendable () -> String) async throws -> String {
    try await database.write { connection in
      if let known = try connection.first(
        "SELECT value FROM identity WHERE name = 'cluster'", element: { try $0.text(0) })
      {
        return known
      }
      let made = makeUUID()
      _ = try connection.execute("INSERT INTO identity(name, value) VALUES('cluster', ?)", made)
      return made
    }
  }

  struct Stored: Sendable {
    var current: [AppDefinition] = []
    var history: [AppDefinition] = []
    /// Rows that this version cannot read, with the reason.
    var unreadable: [String] = []
  }

  func load() async throws -> Stored {
    let rows = try await database.read { connection in
      try connection.rows(
        """
        SELECT d.app, d.body, d.version = c.version FROM definition d LEFT JOIN current c ON c.app = d.app
        """
      ) { (try $0.text(0), try $0.text(1), try $0.optionalInt(2) == 1) }
    }
    var stored = Stored()
    for (app, body, isCurrent) in rows {
      do {
        let definition = try AppDefinition.stored(try JSON(parsing: body))
        stored.history.append(definition)
        if isCurrent { stored.current.append(definition) }
      } catch {
        stored.unreadable.append("\(app): \(error)")
      }
    }
    return stored
  }

  func apply(_ change: StateChange) async throws {
    switch change {
    case .saved(let definition):
      let (app, version) = (definition.id, definition.version.millisecondsSinceEpoch)
      let body = JSON.object(definition.json).text
      try await database.write { connection in
        _ = try connection.execute(
          "INSERT OR REPLACE INTO definition(app, version, body) VALUES(?, ?, ?)", app, version, body)
        _ = try connection.execute("INSERT OR REPLACE INTO current(app, version) VALUES(?, ?)", app, version)
        _ = try connection.execute(
          """
          DELETE FROM definition WHERE app = ? AND version <= (
            SELECT version FROM definition WHERE app = ? ORDER BY version DESC LIMIT 1 OFFSET ?)
          """, app, app, Self.versionLimit)
      }
    case .removed(let app):
      try await database.write { connection in
        _ = try connection.execute("DELETE FROM current WHERE app = ?", app)
      }
    }
  }
}
