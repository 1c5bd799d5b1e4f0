import Glibc
import Store
import StoreSQLite
import TestFolders
import Testing

/// What a call has answered survives the process, and so does the order: a prefix of each journal.
@Suite struct KilledProcessTests {
  @Test(arguments: [1, 40, 700])
  func answeredWritesSurviveSIGKILL(_ answers: Int) async throws {
    let folder = try TemporaryFolder()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String, answers = answers as Int] in
      let store = try await SQLiteStore.open(folder: path)
      let epoch = try await store.beginEpoch()
      let answered = Counter(at: "\(path)/answered")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let run = try await store.createRun(Sample.run(state: .running), epoch: epoch)
            for sequence in Int64(1)... {
              try await store.appendJournal([Sample.line(sequence)], to: run.id, epoch: epoch)
              if answered.increment() >= answers { kill(getpid(), SIGKILL) }
            }
          }
        }
        try await group.waitForAll()
      }
    }

    let store = try await SQLiteStore.open(folder: folder.path)
    var lines = 0
    for run in try await store.unfinishedRuns() {
      let journal = try await store.journal(of: run.id, after: 0, limit: .max)
      #expect(journal == (0..<journal.count).map { Sample.line(Int64($0 + 1)) })
      lines += journal.count
    }
    let counted = try contents(of: "\(folder.path)/answered").count
    #expect(counted >= answers)
    #expect(lines >= counted, "more may have been stored than was answered, never less")
    await store.close()
  }
}

/// Counts in a file, a byte each, so that the count outlives the process.
private final class Counter: Sendable {
  private let descriptor: Int32

  init(at path: String) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    precondition(descriptor >= 0)
  }

  func increment() -> Int {
    let byte: UInt8 = 1
    _ = withUnsafeBytes(of: byte) { write(descriptor, $0.baseAddress, 1) }
    return Int(lseek(descriptor, 0, SEEK_END))
  }
}
