import SQLite
import Store

/// The tables of the database and how they came to be.
///
/// `user_version` counts the migrations that a file has seen; `application_id` marks it as ours. A migration that has
/// been released is never changed: another one follows it.
enum Schema {
  /// "sdep" in ASCII.
  static let applicationID: Int64 = 0x7364_6570

  /// What this program writes.
  static var version: Int { migrations.count }

  private static let migrations: [String] = [
    """
    CREATE TABLE epoch(
      id INTEGER PRIMARY KEY CHECK(id = 1),
      number INTEGER NOT NULL
    ) STRICT;
    INSERT INTO epoch(id, number) VALUES(1, 0);

    CREATE TABLE settings(
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- One small row for each name, so that lists of names and children read no sources.
    CREATE TABLE stacks(
      name TEXT PRIMARY KEY,
      latest INTEGER NOT NULL,
      parent TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stacks_parent ON stacks(parent);

    CREATE TABLE revisions(
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      revision INTEGER NOT NULL,
      level TEXT,
      added_at INTEGER NOT NULL,
      added_by TEXT NOT NULL,
      file TEXT NOT NULL,
      source TEXT NOT NULL,
      stack TEXT NOT NULL,
      UNIQUE(name, revision)
    ) STRICT;

    CREATE TABLE users(
      name TEXT PRIMARY KEY,
      role TEXT NOT NULL,
      digest TEXT NOT NULL,
      key BLOB NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- AUTOINCREMENT: the number of a removed run is never given out again. The snapshot last, so that filters on the
    -- columns before it do not read it.
    CREATE TABLE runs(
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      version INTEGER NOT NULL,
      kind TEXT NOT NULL,
      stack TEXT NOT NULL,
      zone TEXT NOT NULL,
      state TEXT NOT NULL,
      is_final INTEGER NOT NULL,
      error TEXT,
      created_at INTEGER NOT NULL,
      created_by TEXT NOT NULL,
      started_at INTEGER,
      ended_at INTEGER,
      snapshot TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_stack ON runs(stack);
    CREATE INDEX runs_zone ON runs(zone);
    CREATE INDEX runs_unfinished ON runs(id) WHERE is_final = 0;

    CREATE TABLE journal(
      run INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      at INTEGER NOT NULL,
      path TEXT NOT NULL,
      kind TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY(run, sequence)
    ) STRICT, WITHOUT ROWID;

    -- Runs that are gone and whose journals are being removed.
    CREATE TABLE removed_runs(
      id INTEGER PRIMARY KEY
    ) STRICT;

    CREATE TABLE ownership(
      application TEXT PRIMARY KEY,
      version INTEGER NOT NULL,
      stack TEXT NOT NULL,
      zone TEXT NOT NULL,
      revision INTEGER NOT NULL,
      run INTEGER NOT NULL,
      version_before TEXT,
      at INTEGER NOT NULL,
      dependencies TEXT NOT NULL,
      definition TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ownership_stack ON ownership(stack, zone);
    """,
    """
    -- Which run a user's key stands for, for as long as it does.
    CREATE TABLE submissions(
      user TEXT NOT NULL,
      key TEXT NOT NULL,
      run INTEGER NOT NULL,
      digest TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY(user, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX submissions_at ON submissions(at);
    CREATE INDEX submissions_run ON submissions(run);
    """,
    """
    -- Contents of stacks' files, each once, for as long as something below refers to it.
    CREATE TABLE contents(
      id INTEGER PRIMARY KEY,
      hash BLOB NOT NULL UNIQUE,
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE revision_files(
      name TEXT NOT NULL,
      revision INTEGER NOT NULL,
      path TEXT NOT NULL,
      content INTEGER NOT NULL,
      size INTEGER NOT NULL,
      PRIMARY KEY(name, revision, path)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX revision_files_content ON revision_files(content, name);

    -- What runs have pinned.
    CREATE TABLE run_contents(
      run INTEGER NOT NULL,
      content INTEGER NOT NULL,
      PRIMARY KEY(run, content)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX run_contents_content ON run_contents(content);
    """,
    """
    -- Which revision of a stack a user's key stands for, for as long as it does.
    CREATE TABLE revision_submissions(
      name TEXT NOT NULL,
      user TEXT NOT NULL,
      key TEXT NOT NULL,
      revision INTEGER NOT NULL,
      digest TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY(name, user, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX revision_submissions_at ON revision_submissions(at);
    """,
    """
    -- What scripts keep. The value last, so that looking for keys does not read it.
    CREATE TABLE documents(
      id INTEGER PRIMARY KEY,
      stack TEXT NOT NULL,
      key TEXT NOT NULL,
      version INTEGER NOT NULL,
      expires_at INTEGER,
      value TEXT NOT NULL,
      UNIQUE(stack, key)
    ) STRICT;
    CREATE INDEX documents_expiry ON documents(expires_at) WHERE expires_at IS NOT NULL;

    -- Counted as they come and go: a stack may have 100,000, and each new one asks how many there are.
    CREATE TABLE document_counts(
      stack TEXT PRIMARY KEY,
      count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
      INSERT INTO document_counts(stack, count) VALUES(NEW.stack, 1)
      ON CONFLICT(stack) DO UPDATE SET count = count + 1;
    END;
    CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
      UPDATE document_counts SET count = count - 1 WHERE stack = OLD.stack;
    END;
    """,
  ]

  /// Refuses files that are not ours or come from a newer version, before anything is written.
  static func inspect(_ connection: SQLiteConnection) throws {
    let (application, version) = try identity(connection)
    if application == 0, version == 0 {
      let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { try $0.int(0) } ?? 0
      guard tables == 0 else { throw foreign(connection.path) }
      return
    }
    guard application == applicationID else { throw foreign(connection.path) }
    guard version <= self.version else {
      throw StoreError(
        .tooNew,
        """
        \(connection.path) was written by a newer version of stack-deploy (format \(version); this version knows \
        formats up to \(self.version)) and has been left as it is: install that version again, or choose another \
        folder with --data-dir
        """)
    }
  }

  /// Brings an older or empty file up to date, one migration after the other, each in a transaction.
  static func migrate(_ connection: SQLiteConnection) throws {
    let (_, current) = try identity(connection)
    for (index, script) in migrations.enumerated().dropFirst(current) {
      try connection.transaction {
        try connection.executeScript(script)
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.execute("PRAGMA user_version = \(index + 1)")
      }
    }
  }

  private static func identity(_ connection: SQLiteConnection) throws -> (application: Int64, version: Int) {
    let application = try connection.first("PRAGMA application_id") { try $0.int64(0) } ?? 0
    let version = try connection.first("PRAGMA user_version") { try $0.int(0) } ?? 0
    return (application, version)
  }

  private static func foreign(_ path: String) -> StoreError {
    StoreError(
      .unavailable,
      "\(path) is a database of another program and has been left as it is: move it away, or choose another folder "
        + "with --data-dir")
  }
}
