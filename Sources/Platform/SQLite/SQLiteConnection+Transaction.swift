extension SQLiteConnection {
  /// Runs `body` in a transaction of its own that holds the write lock from the start; an error undoes it.
  ///
  /// For preparing a database before its writer starts; the bodies of `SQLiteDatabase.write` are in one already.
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Runs `body` with one view of the database.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN DEFERRED")
    // Nothing was written, so there is nothing that ending it could lose.
    defer { rollBack() }
    return try body()
  }

  /// Runs `body` inside the transaction under way; an error undoes what it did and no more.
  func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("SAVEPOINT body")
    do {
      let result = try body()
      try execute("RELEASE body")
      return result
    } catch {
      undoSavepoint()
      throw error
    }
  }

  private func undoSavepoint() {
    guard isInTransaction else { return }
    do {
      try execute("ROLLBACK TO body")
      try execute("RELEASE body")
    } catch {
      // What cannot be undone apart must not be committed with the rest.
      rollBack()
    }
  }

  /// Ends the transaction if there still is one. After a serious error SQLite has done so itself; a ROLLBACK that fails
  /// leaves nothing to do: the next BEGIN tells.
  func rollBack() {
    guard isInTransaction else { return }
    _ = try? execute("ROLLBACK")
  }
}
