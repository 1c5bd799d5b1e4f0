import Concurrency
import FaultInjection
import FaultyVFS
import Glibc
import SQLite
import Store
import StoreSQLite
import TestFolders
import Testing

/// Stacks with files on a disk that fails, and under a server that is killed, at each operation on the store's files: each
/// of the steps is done altogether or not at all, and no content is there that nothing refers to.
@Suite(.timeLimit(.minutes(30))) struct AroundFilesTests {
  private static let errors = [FAULTY_VFS_FULL, FAULTY_VFS_ERROR, FAULTY_VFS_TORN_ERROR]
  private static let kills = [FAULTY_VFS_KILL_BEFORE, FAULTY_VFS_KILL_AFTER, FAULTY_VFS_KILL_TORN]

  @Test func everyOperationMayFail() async throws {
    try #require(faulty_vfs_install() == 0)
    let operations = try await Self.operations()
    let all = (1...operations).flatMap { number in Self.errors.map { (number: number, action: $0) } }
    let chosen = FaultBudget.choose(all, sample: 30, for: "files on a disk that fails")
    var faults = 0
    for (number, action) in chosen {
      let folder = try TemporaryFolder(inMemory: true)
      let story = FileStory(folder: folder.path)
      let title = "operation \(number) fails with \(action.rawValue), \(FaultBudget.again)"
      let store = try await SQLiteStore.open(folder: folder.path)
      faulty_vfs_arm(SQLiteStore.path(in: folder.path), Int32(action.rawValue), number, 1)
      // What has failed is tried again; it may have been done nevertheless.
      for step in FileStory.Step.allCases {
        for attempt in 1...3 {
          do {
            try await story.perform(step, store)
            break
          } catch let error as StoreError {
            #expect(attempt < 3, "\(title): \(error)")
          }
          try await story.checkWhatIsThere(in: store, title)
        }
        try await story.checkWhatIsThere(in: store, title)
      }
      faults += Int(faulty_vfs_faults())
      faulty_vfs_arm("", 0, 0, 0)
      await store.close()
      try await story.checkRows(title)
    }
    FaultBudget.tried(faults, "around", "stacks with files on a disk that fails")
  }

  @Test func everyOperationMayBeTheLast() async throws {
    try #require(faulty_vfs_install() == 0)
    let operations = try await Self.operations()
    let all = (1...operations).flatMap { number in Self.kills.map { (number: number, action: $0) } }
    let chosen = FaultBudget.choose(all, sample: 20, for: "files under a killed server")
    for (number, action) in chosen {
      let folder = try TemporaryFolder(inMemory: true)
      let title = "killed at operation \(number) with \(action.rawValue), \(FaultBudget.again)"
      await #expect(processExitsWith: .signal(SIGKILL), "\(title)") {
        [path = folder.path as String, number = number as Int, action = Int32(action.rawValue) as Int32] in
        guard faulty_vfs_install() == 0 else { return }
        let store = try await SQLiteStore.open(folder: path)
        faulty_vfs_arm(SQLiteStore.path(in: path), action, number, 1)
        for step in FileStory.Step.allCases { try await FileStory(folder: path).perform(step, store) }
      }
      let story = FileStory(folder: folder.path)
      let store = try await SQLiteStore.open(folder: folder.path)
      try await story.checkWhatIsThere(in: store, title)
      await store.close()
      try await story.checkRows(title)
    }
    // Each of them was seen to die.
    FaultBudget.tried(chosen.count, "around", "stacks with files under a killed server")
  }

  /// How many there are in the whole story.
  private static func operations() async throws -> Int {
    let folder = try TemporaryFolder(inMemory: true)
    let story = FileStory(folder: folder.path)
    let store = try await SQLiteStore.open(folder: folder.path)
    faulty_vfs_arm(SQLiteStore.path(in: folder.path), 0, 0, 0)
    for step in FileStory.Step.allCases {
      try await story.perform(step, store)
      try await story.checkWhatIsThere(in: store, "no fault")
    }
    let count = Int(faulty_vfs_count())
    faulty_vfs_arm("", 0, 0, 0)
    await store.close()
    try await story.checkRows("no fault")
    return max(1, count)
  }
}
