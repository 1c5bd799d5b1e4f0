import Concurrency
import JSON
import ScriptHost
import Store

/// The documents of a stack, as its scripts call for them. Nothing is written here: a call that writes gives the write, which
/// becomes durable with the journal's entry of the answer.
struct ScriptedDocuments: Sendable {
  static let mostDocuments = 100_000

  let store: any Store
  let ledger: DocumentLedger
  let epoch: Epoch
  let stack: String

  /// A put, where the store need not be asked whether the stack has room.
  func putAtOnce(_ call: DocumentCall, since: Timestamp) -> RunStateMachine.CallEnd? {
    guard case .put(let key, let value, let lifetime) = call,
      let version = ledger.versionToPut(in: stack, since: since)
    else { return nil }
    return put(key, value, expiresAt: lifetime.map { since + $0 }, version)
  }

  /// - Parameter since: when the call began. It is the version of what it writes, unless a higher one was written before: a call that is answered
  ///   has taken effect, also where the clock was set back.
  func perform(
    _ call: DocumentCall, since: Timestamp, at now: Timestamp
  ) async throws(StoreError) -> RunStateMachine.CallEnd {
    switch call {
    case .put(let key, let value, let lifetime):
      if let end = putAtOnce(call, since: since) { return end }
      // One that is there needs no room.
      if let stored = try await store.document(key, of: stack, at: now) {
        let version = try await version(replacing: stored, since)
        return put(key, value, expiresAt: lifetime.map { since + $0 }, version)
      }
      try await askForRoom(at: now)
      if let end = putAtOnce(call, since: since) { return end }
      let text =
        "the stack has \(Self.mostDocuments) documents, and may not have more: delete some, or give them a ttl"
      return .answered(.failure(HostCallFailure(.denied, text)))
    case .get(let key):
      return .answered(.result(try await store.document(key, of: stack, at: now)?.value ?? .null))
    case .delete(let key):
      guard let stored = try await store.document(key, of: stack, at: now) else { return .answered(.result(false)) }
      let write = DocumentWrite(
        stack: stack, key: key, version: try await version(replacing: stored, since), change: .delete)
      return .written(.result(true), write)
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
  private func askForRoom(at now: Timestamp) async throws(StoreError) {
    var count = try await store.documentCount(of: stack)
    if count >= Self.mostDocuments {
      try await store.removeExpiredDocuments(at: now, epoch: epoch)
      count = try await store.documentCount(of: stack)
    }
    // Read once: it takes a look at each of them.
    let latest = ledger.knows(stack) ? nil : try await store.latestDocumentVersion(of: stack)
    ledger.note(stack, room: Self.mostDocuments - count, latest: latest)
  }

  private func put(
    _ key: String, _ value: JSON, expiresAt: Timestamp?, _ version: Timestamp
  ) -> RunStateMachine.CallEnd {
    .written(
      .result(.null),
      DocumentWrite(stack: stack, key: key, version: version, change: .put(value, expiresAt: expiresAt)))
  }

  private func version(replacing stored: DocumentRecord, _ since: Timestamp) async throws(StoreError) -> Timestamp {
    if !ledger.knows(stack) {
      ledger.note(stack, room: 0, latest: try await store.latestDocumentVersion(of: stack))
    }
    let version = max(since, stored.version)
    return ledger.versionToReplace(in: stack, since: version) ?? version
  }
}
