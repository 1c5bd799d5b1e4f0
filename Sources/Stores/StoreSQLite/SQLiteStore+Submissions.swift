package import Concurrency
import JSON
import SQLite
package import Store

extension SQLiteStore {
  package func createRun(
    _ draft: RunRecord, submission: Submission, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunCreation {
    let snapshot = draft.snapshot.text
    return try await write(in: epoch) { connection in
      let since = draft.createdAt - Submission.lifetime
      if let (run, digest) = try Self.find(submission.key, of: submission.user, since: since, connection) {
        return .submittedBefore(run, digest: digest)
      }
      try connection.execute("DELETE FROM submissions WHERE at < ?", since.millisecondsSinceEpoch)
      let record = try Self.insert(draft, snapshot: snapshot, pinning: pins, connection)
      try connection.execute(
        "INSERT INTO submissions(user, key, run, digest, at) VALUES(?, ?, ?, ?, ?)", submission.user, submission.key,
        record.id.number, submission.digest, record.createdAt.millisecondsSinceEpoch)
      return .created(record)
    }
  }

  package func submittedRun(
    key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (run: RunID, digest: String)? {
    try await read { try Self.find(key, of: user, since: since, $0) }
  }

  private static func find(
    _ key: String, of user: String, since: Timestamp, _ connection: SQLiteConnection
  ) throws -> (run: RunID, digest: String)? {
    try connection.first(
      "SELECT run, digest FROM submissions WHERE user = ? AND key = ? AND at >= ?", user, key,
      since.millisecondsSinceEpoch
    ) { (RunID(try $0.int64(0)), try $0.text(1)) }
  }
}

// Of revisions of stacks.
extension SQLiteStore {
  package func submittedRevision(
    of stack: String, key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (revision: Int, digest: String)? {
    try await read { try Self.find(key, of: user, for: stack, since: since, $0) }
  }

  static func find(
    _ key: String, of user: String, for stack: String, since: Timestamp, _ connection: SQLiteConnection
  ) throws -> (revision: Int, digest: String)? {
    try connection.first(
      "SELECT revision, digest FROM revision_submissions WHERE name = ? AND user = ? AND key = ? AND at >= ?", stack,
      user, key, since.millisecondsSinceEpoch
    ) { (try $0.int(0), try $0.text(1)) }
  }

  static func insert(_ submission: Submission, for record: StackRecord, _ connection: SQLiteConnection) throws {
    let since = record.addedAt - Submission.lifetime
    try connection.execute("DELETE FROM revision_submissions WHERE at < ?", since.millisecondsSinceEpoch)
    try connection.execute(
      "INSERT INTO revision_submissions(name, user, key, revision, digest, at) VALUES(?, ?, ?, ?, ?, ?)", record.name,
      submission.user, submission.key, record.revision, submission.digest, record.addedAt.millisecondsSinceEpoch)
  }
}
