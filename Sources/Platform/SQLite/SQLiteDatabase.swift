import Concurrency
import Glibc

/// A database file: one writer with group commit, a few readers, write-ahead log.
///
/// All of it happens on threads of its own; the calling tasks only suspend.
package final class SQLiteDatabase: Sendable {
  package struct Options: Sendable {
    /// How sure a commit is. See https://www.sqlite.org/pragma.html#pragma_synchronous.
    package enum Synchronous: String, Sendable {
      /// A commit survives a loss of power.
      case full = "FULL"
      /// A commit survives the end of the process; the last ones may be lost with the power, never the file.
      case normal = "NORMAL"
    }

    package var synchronous = Synchronous.full
    /// Threads that read, at least 1.
    package var readers = 2
    /// How long to wait for a lock of another process.
    package var busyTimeout = Duration.seconds(5)
    /// Permissions of a file that is created; its log and shared memory get the same.
    package var fileMode: UInt32 = 0o600

    package init() {}
  }

  package let path: String
  private let writer: SQLiteWriter
  private let readers: SQLiteReaders

  private init(path: String, writer: SQLiteWriter, readers: SQLiteReaders) {
    self.path = path
    self.writer = writer
    self.readers = readers
  }

  /// Without `close` the threads end by themselves, some time later.
  deinit {
    readers.beginClosing()
    writer.beginClosing()
  }

  /// Opens the file, or creates it (its folder must exist).
  ///
  /// - Parameters:
  ///   - inspect: looks at the database before anything is written to it; by throwing it refuses the file, whose bytes
  ///     then stay as they are.
  ///   - prepare: brings its tables up to date before the first read and write.
  /// - Throws: what the closures throw, or `SQLiteError`: `.cannotOpen`, `.notADatabase`, `.readOnly`, `.corrupt`, …
  package static func open(
    _ path: String, options: Options = Options(),
    inspect: @escaping @Sendable (SQLiteConnection) throws -> Void = { _ in },
    prepare: @escaping @Sendable (SQLiteConnection) throws -> Void = { _ in }
  ) async throws -> SQLiteDatabase {
    let writer = try await SQLiteWriter.start(path: path) {
      try create(path, mode: options.fileMode)
      let hasLog = logExists(path)
      let connection = try SQLiteConnection(path, access: .readWrite, busyTimeout: options.busyTimeout)
      // A refused file must not even have its log emptied into it. Without a log there is nothing to empty, and SQLite
      // is to take away the files that it makes beside the database.
      try connection.setCheckpointOnClose(!hasLog)
      try inspect(connection)
      try connection.setCheckpointOnClose(true)
      try configure(connection, options)
      try prepare(connection)
      return connection
    }
    do {
      let readers = try await SQLiteReaders.start(path: path, threads: max(1, options.readers)) {
        try SQLiteConnection(path, access: .readOnly, busyTimeout: options.busyTimeout)
      }
      return SQLiteDatabase(path: path, writer: writer, readers: readers)
    } catch {
      await writer.close()
      throw error
    }
  }

  /// See `SQLiteWriter.write`.
  @discardableResult
  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result {
    try await writer.write(body)
  }

  /// See `SQLiteReaders.read`.
  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result {
    try await readers.read(body)
  }

  /// Finishes the accepted writes, stops reads, closes the file. Later calls throw `.closed`. May be called repeatedly.
  package func close() async {
    // The writer last: who closes last empties the log into the file, which a reader cannot.
    await readers.close()
    await writer.close()
  }

  /// SQLite would create the file with the process's umask, for everyone to read.
  private static func create(_ path: String, mode: UInt32) throws(SQLiteError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      throw SQLiteError(.cannotOpen, message: "cannot create the file: \(String(cString: strerror(errno)))", path: path)
    }
    Glibc.close(descriptor)
  }

  /// Whether commits wait in the write-ahead log to be moved into the file.
  private static func logExists(_ path: String) -> Bool {
    var status = stat()
    return stat("\(path)-wal", &status) == 0 && status.st_size > 0
  }

  private static func configure(_ connection: SQLiteConnection, _ options: Options) throws {
    let mode = try connection.first("PRAGMA journal_mode = WAL") { row in try row.text(0) }
    guard mode == "wal" else {
      throw SQLiteError(
        .cannotOpen, message: "its file system cannot keep a write-ahead log (it may be a network share)",
        path: connection.path)
    }
    try connection.execute("PRAGMA synchronous = \(options.synchronous.rawValue)")
    // Give disk space back after a burst; 64 MiB.
    try connection.execute("PRAGMA journal_size_limit = 67108864")
    // 16 MiB, four times as much as by default: pages that change with each commit are moved into the file less often, and after a crash the log is
    // still read in a moment.
    try connection.execute("PRAGMA wal_autocheckpoint = 4096")
    // Find damage early instead of working with it.
    try connection.execute("PRAGMA cell_size_check = ON")
  }
}
