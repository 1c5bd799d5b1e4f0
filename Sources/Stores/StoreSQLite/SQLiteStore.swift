import Concurrency
import SQLite
package import Store

/// A store in one SQLite database, `<folder>/stack-deploy.db`, for one server at a time.
///
/// Writes are durable (WAL, `synchronous=FULL`) when their call returns; those that wait together share a commit.
package final class SQLiteStore: Sendable {
  package let folder: String
  private let database: SQLiteDatabase
  private let lock: DataFolderLock

  private init(folder: String, database: SQLiteDatabase, lock: DataFolderLock) {
    self.folder = folder
    self.database = database
    self.lock = lock
  }

  package static func path(in folder: String) -> String { "\(folder)/stack-deploy.db" }

  /// Opens the store of a data folder, or makes both (folder 0700, files 0600), and brings its tables up to date.
  ///
  /// - Throws: `.inUse` with the owner's process id, `.tooNew`, `.corrupt`, `.unavailable`, each with a way out.
  package static func open(folder: String) async throws(StoreError) -> SQLiteStore {
    try DataFolder.create(folder)
    let lock = try DataFolderLock(folder: folder)
    let database: SQLiteDatabase
    do {
      database = try await SQLiteDatabase.open(path(in: folder), inspect: Schema.inspect, prepare: Schema.migrate)
    } catch {
      lock.release()
      throw StoreError(databaseFailure: error)
    }
    let store = SQLiteStore(folder: folder, database: database, lock: lock)
    do {
      try await store.finishRemovals()
      return store
    } catch {
      await store.close()
      throw error
    }
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws(StoreError) -> Result {
    do {
      return try await database.read(body)
    } catch {
      throw StoreError(databaseFailure: error)
    }
  }

  @discardableResult
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws(StoreError) -> Result {
    do {
      return try await database.write(body)
    } catch {
      throw StoreError(databaseFailure: error)
    }
  }

  /// A write that only the server of the current epoch may make: the check is part of its transaction.
  @discardableResult
  func write<Result: Sendable>(
    in epoch: Epoch, _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws(StoreError) -> Result {
    try await write { connection in
      let current = Epoch(try connection.first("SELECT number FROM epoch") { try $0.int64(0) } ?? 0)
      guard epoch >= current else { throw StoreError.staleEpoch(epoch, current: current) }
      return try body(connection)
    }
  }
}

extension SQLiteStore: Store {
  package var summary: String { "SQLite \(Self.path(in: folder))" }

  package func close() async {
    await database.close()
    lock.release()
  }
}
