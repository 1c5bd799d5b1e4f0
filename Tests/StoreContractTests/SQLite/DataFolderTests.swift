import Glibc
import Store
import StoreSQLite
import TestFolders
import Testing

@Suite struct DataFolderTests {
  private func failure(opening folder: String) async -> StoreError? {
    do {
      await (try SQLiteStore.open(folder: folder)).close()
      return nil
    } catch {
      return error
    }
  }

  @Test func foldersAndFilesAreForTheOwnerOnly() async throws {
    let parent = try TemporaryFolder()
    let folder = "\(parent.path)/a/b"
    let store = try await SQLiteStore.open(folder: folder)
    try await store.setSetting("a", to: "b")
    #expect(store.summary == "SQLite \(folder)/stack-deploy.db")
    #expect(try mode(of: "\(parent.path)/a") == 0o700)
    #expect(try mode(of: folder) == 0o700)
    let files = try names(in: folder)
    #expect(files == ["server.lock", "stack-deploy.db", "stack-deploy.db-shm", "stack-deploy.db-wal"])
    for file in files { #expect(try mode(of: "\(folder)/\(file)") == 0o600, "\(file)") }
    await store.close()
  }

  @Test func secondServerIsRefusedWithTheOwnersProcess() async throws {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path)
    let error = await failure(opening: folder.path)
    #expect(error?.code == .inUse)
    #expect(error?.message.contains("process \(getpid())") == true)
    #expect(error?.message.contains(folder.path) == true)
    #expect(error?.message.contains("--data-dir") == true)
    try await store.setSetting("still", to: "working")
    await store.close()
    #expect(await failure(opening: folder.path) == nil, "a closed store gives the folder back")
  }

  /// A refused file gives the folder back too.
  @Test func failedOpeningHoldsNoLock() async throws {
    let folder = try TemporaryFolder()
    let path = SQLiteStore.path(in: folder.path)
    try write(Array(repeating: 0x41, count: 4_096), to: path)
    #expect(await failure(opening: folder.path)?.code == .corrupt)
    unlink(path)
    #expect(await failure(opening: folder.path) == nil)
  }

  @Test func fileInPlaceOfTheFolder() async throws {
    let parent = try TemporaryFolder()
    let file = "\(parent.path)/file"
    try write([1, 2, 3], to: file)
    for folder in [file, "\(file)/below"] {
      let error = await failure(opening: folder)
      #expect(error?.code == .unavailable)
      #expect(error?.description.contains(folder) == true)
      #expect(error?.message.contains("--data-dir") == true)
    }
    #expect(try contents(of: file) == [1, 2, 3])
  }

  /// `/proc` refuses even root.
  @Test func folderThatCannotBeMade() async throws {
    let error = await failure(opening: "/proc/stack-deploy")
    #expect(error?.code == .unavailable)
    #expect(error?.description.contains("/proc/stack-deploy cannot be created") == true)
  }

  @Test func folderThatCannotBeWrittenTo() async throws {
    let error = await failure(opening: "/proc/self")
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("/proc/self cannot be written to") == true)
  }

  @Test func databaseThatCannotBeOpened() async throws {
    let folder = try TemporaryFolder()
    #expect(mkdir(SQLiteStore.path(in: folder.path), 0o700) == 0)
    let error = await failure(opening: folder.path)
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("\(folder.path)/stack-deploy.db cannot be opened") == true)
  }
}
