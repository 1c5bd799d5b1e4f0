package import Concurrency

/// Stacks and layers with all their revisions.
package protocol StackStore: Sendable {
  /// The latest revision, or the one asked for; `nil` if there is none.
  func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord?

  /// Latest revisions, bytewise by name. `limit` from 1 to 1,000.
  func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord>

  /// Names only, bytewise sorted: what `/list` answers.
  func stackNames() async throws(StoreError) -> [String]

  /// Adds revision 1 (`.exists` if the name is taken), or, where the record's revision is above 1, the next one
  /// (`.changed` unless the latest is the one just before it). All of it is stored, or nothing.
  ///
  /// With a submission, only unless the user has added a revision of this stack with its key within `Submission.lifetime`
  /// before. Keys of different stacks have nothing to do with each other, and go with their stack.
  /// - Precondition: `contents` has those of all files; what else it has is not stored.
  func add(
    _ record: StackRecord, contents: [FileContent], submission: Submission?
  ) async throws(StoreError) -> RevisionCreation

  /// The revision of the stack that a user's key stands for since then, and the digest that it was asked for with.
  func submittedRevision(
    of stack: String, key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (revision: Int, digest: String)?

  /// Names of the stacks whose latest revision inherits from `name`, bytewise sorted.
  func children(of name: String) async throws(StoreError) -> [String]

  /// Removes all revisions, the contents of their files that nothing else refers to, and the stack's documents.
  /// `.notFound` if there are none;
  /// `.changed` if `revision` is given and is not the latest.
  func removeStack(named name: String, ifLatest revision: Int?) async throws(StoreError)
}

extension StackStore {
  /// Adds a revision that has no files.
  package func add(_ record: StackRecord) async throws(StoreError) {
    try await add(record, contents: [])
  }

  package func add(_ record: StackRecord, contents: [FileContent]) async throws(StoreError) {
    _ = try await add(record, contents: contents, submission: nil)
  }

  /// Removes all revisions, whichever the latest is. `.notFound` if there are none.
  package func removeStack(named name: String) async throws(StoreError) {
    try await removeStack(named: name, ifLatest: nil)
  }
}

/// What became of a revision that was to be added.
package enum RevisionCreation: Sendable, Hashable {
  case created
  /// The submission's key stands for this revision already, which was asked for with this digest. Nothing was stored.
  case submittedBefore(revision: Int, digest: String)
}
