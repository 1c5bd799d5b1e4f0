import Concurrency

/// With what a run or a revision of a stack was asked for, where whoever asked gave the request a key: the same key asks
/// for the same one again, not for another one.
package struct Submission: Sendable, Hashable {
  /// How long a key stands for what it asked for; afterwards it may be used anew.
  package static let lifetime = Duration.seconds(24 * 3_600)

  /// Keys of different users have nothing to do with each other.
  package var user: String
  package var key: String
  /// Of what was asked for. The same key with another one is a mistake of the caller's.
  package var digest: String

  package init(user: String, key: String, digest: String) {
    self.user = user
    self.key = key
    self.digest = digest
  }
}

/// What became of a run that was to be created with a submission's key.
package enum RunCreation: Sendable, Hashable {
  case created(RunRecord)
  /// The key stands for this run already, which was asked for with this digest. Nothing was stored.
  case submittedBefore(RunID, digest: String)
}
