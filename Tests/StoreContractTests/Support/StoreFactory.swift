import Store
import StoreSQLite
import TestFolders
import Testing

/// One kind of store that must keep what the protocols promise. A further store joins the whole suite by being added to
/// `all`.
struct StoreFactory: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Whether opening the same folder again finds what was stored there.
  let isPersistent: Bool
  /// Opens a store whose files, if it has any, lie in this folder.
  let open: @Sendable (_ folder: String) async throws -> any Store

  static let all = [memory, sqlite]
  static let persistent = all.filter(\.isPersistent)

  static let memory = StoreFactory(testDescription: "memory", isPersistent: false) { _ in MemoryStore() }
  static let sqlite = StoreFactory(testDescription: "SQLite", isPersistent: true) { folder in
    try await SQLiteStore.open(folder: folder)
  }

  /// Runs `body` with an empty store, closed afterwards.
  func withStore(_ body: (any Store) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let store = try await open(folder.path)
    do {
      try await body(store)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
  }

  /// The same with an epoch begun.
  func withServer(_ body: (any Store, Epoch) async throws -> Void) async throws {
    try await withStore { store in
      try await body(store, try await store.beginEpoch())
    }
  }
}

/// Records that `body` fails with this code and a sentence.
func expectFailure<Result>(
  _ code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Result
) async {
  do {
    _ = try await body()
    Issue.record("it should have failed with \(code)", sourceLocation: sourceLocation)
  } catch let error as StoreError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(error.message.contains(" "), "\(error)", sourceLocation: sourceLocation)
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}
