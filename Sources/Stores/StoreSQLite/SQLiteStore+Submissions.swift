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
