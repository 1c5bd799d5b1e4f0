import Concurrency
import JSON
import SQLite
import StackModel
import Store
import StoreSQLite
import Testing

/// What happens to two stacks with files and to a run that pins some of them, and what must hold after each step.
struct FileStory: Sendable {
  enum Step: CaseIterable {
    case addStack, addRevision, pin, addOther, removeStack, removeRun, removeOther
  }

  let folder: String

  private static let epoch = Epoch(0)
  private static let shared = FileContent(Array("-- shared".utf8))
  private static let large = FileContent(Array(repeating: 0x61, count: 20_000))
  private static let late = FileContent(Array("-- late".utf8))
  private static let contents = [shared, large, late]
  private static let first = record("s", 1, ["a.lua": shared, "b.lua": large])
  private static let second = record("s", 2, ["a.lua": shared, "c.lua": late])
  private static let other = record("t", 1, ["a.lua": shared])

  private static func record(_ name: String, _ revision: Int, _ files: [String: FileContent]) -> StackRecord {
    StackRecord(
      name: name, revision: revision, source: "", file: "", stack: Stack(name: name),
      addedAt: Timestamp(millisecondsSinceEpoch: 0), addedBy: "", files: files.map { StackFile(path: $0.key, $0.value) }
    )
  }

  /// Does it, or finds that it has been done.
  func perform(_ step: Step, _ store: any Store) async throws {
    do {
      switch step {
      case .addStack: try await store.add(Self.first, contents: Self.contents)
      case .addRevision: try await store.add(Self.second, contents: Self.contents)
      case .pin:
        let draft = RunRecord(
          id: RunID(0), kind: .deploy, stack: "s", zone: "", state: .succeeded, snapshot: [:],
          createdAt: Timestamp(millisecondsSinceEpoch: 0), createdBy: "")
        _ = try await store.createRun(
          draft, submission: Submission(user: "", key: "k", digest: ""), pinning: Self.first.pins, epoch: Self.epoch)
      case .addOther: try await store.add(Self.other, contents: Self.contents)
      case .removeStack: try await store.removeStack(named: "s")
      case .removeRun: try await store.removeRun(RunID(1), epoch: Self.epoch)
      case .removeOther: try await store.removeStack(named: "t")
      }
    } catch {
      guard [.exists, .changed, .notFound].contains(error.code) else { throw error }
    }
  }

  /// What refers to contents has them all.
  func checkWhatIsThere(in store: any Store, _ title: String) async throws {
    for expected in [Self.first, Self.second, Self.other] {
      guard let stored = try await store.stack(named: expected.name, revision: expected.revision) else { continue }
      #expect(stored == expected, "\(title)")
      let found = try await store.contents(expected.files.map(\.content), of: .stack(expected.name))
      #expect(Set(found.keys) == Set(expected.files.map(\.content)), "\(title)")
    }
    if try await store.run(RunID(1)) != nil {
      let found = try await store.contents(Self.contents.map(\.hash), of: .run(RunID(1)))
      #expect(Set(found.keys) == [Self.shared.hash, Self.large.hash], "\(title)")
    }
  }

  /// No reference leads nowhere, and nothing is there without one.
  func checkRows(_ title: String) async throws {
    let database = try await SQLiteDatabase.open(SQLiteStore.path(in: folder))
    for query in [
      """
      SELECT count(*) FROM contents WHERE id NOT IN (SELECT content FROM revision_files)
        AND id NOT IN (SELECT content FROM run_contents)
      """,
      "SELECT count(*) FROM revision_files WHERE content NOT IN (SELECT id FROM contents)",
      "SELECT count(*) FROM revision_files WHERE (name, revision) NOT IN (SELECT name, revision FROM revisions)",
      "SELECT count(*) FROM run_contents WHERE content NOT IN (SELECT id FROM contents)",
      "SELECT count(*) FROM run_contents WHERE run NOT IN (SELECT id FROM runs)",
    ] {
      let count = try await database.read { try $0.first(query) { try $0.int(0) } }
      #expect(count == 0, "\(title): \(query)")
    }
    await database.close()
  }
}
