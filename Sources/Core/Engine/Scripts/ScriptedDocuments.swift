import Concurrency
import JSON
import ScriptHost
import Store

/// The documents of a stack, as its scripts call for them. Nothing is written here: a call that writes gives the write, which
/// becomes durable with the journal's entry of the answer.
struct ScriptedDocuments: Sendable {
  static let mostDocuments = 100_000

  let store: any Store
  let epoch: Epoch
  let stack: String

  /// - Parameter since: when the call began: the version of what it writes, so that a write that comes late, or once more,
  ///   takes nothing back that was written after it.
  func perform(
    _ call: DocumentCall, since: Timestamp, at now: Timestamp
  ) async throws(StoreError) -> RunStateMachine.CallEnd {
    switch call {
    case .put(let key, let value, let lifetime):
      let stored = try await store.document(key, of: stack, at: now)
      if stored == nil, try await isFull(at: now) {
        let text =
          "the stack has \(Self.mostDocuments) documents, and may not have more: delete some, or give them a ttl"
        return .answered(.failure(HostCallFailure(.denied, text)))
      }
      let change = DocumentWrite.Change.put(value, expiresAt: lifetime.map { since + $0 })
      return .written(.result(.null), write(key, change, since, replacing: stored))
    case .get(let key):
      return .answered(.result(try await store.document(key, of: stack, at: now)?.value ?? .null))
    case .delete(let key):
      guard let stored = try await store.document(key, of: stack, at: now) else { return .answered(.result(false)) }
      return .written(.result(true), write(key, .delete, since, replacing: stored))
    case .list(let prefix, let after, let limit):
      let found = try await store.documentKeys(
        of: stack, in: DocumentRange(prefix: prefix, after: after), limit: limit ?? DocumentCall.longestList, at: now)
      guard limit != nil || !found.hasMore else {
        let text =
          "more than \(DocumentCall.longestList) documents have keys that begin with '\(prefix)': "
          + "list them in parts, with limit and after"
        return .answered(.failure(HostCallFailure(.invalidArgument, text)))
      }
      return .answered(.result(.array(found.keys.map { .string($0) })))
    }
  }

  /// Runs of the stack in other zones may fill it at the same time: the limit is there to bound a mistake, not to count.
  private func isFull(at now: Timestamp) async throws(StoreError) -> Bool {
    guard try await store.documentCount(of: stack) >= Self.mostDocuments else { return false }
    try await store.removeExpiredDocuments(at: now, epoch: epoch)
    return try await store.documentCount(of: stack) >= Self.mostDocuments
  }

  /// Of a version above the stored one even where the clock was set back since: a call that is answered has taken effect.
  private func write(
    _ key: String, _ change: DocumentWrite.Change, _ since: Timestamp, replacing stored: DocumentRecord?
  ) -> DocumentWrite {
    let version = stored.map { max(since, $0.version + .milliseconds(1)) } ?? since
    return DocumentWrite(stack: stack, key: key, version: version, change: change)
  }
}
