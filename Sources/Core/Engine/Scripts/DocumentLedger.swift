import Concurrency
import Store

/// What this server knows of the documents of stacks without asking the store: of each stack whose scripts have written, how many more it may have
/// at least, and the highest version that was written. So a script that puts one document after another waits for no reads.
///
/// It holds for one server, the only one that writes; what it does not know yet, or any more, is asked for.
final class DocumentLedger: Sendable {
  /// Stacks that are remembered.
  private static let mostStacks = 10_000

  private struct Account {
    /// Documents that can be added, but for those that are being written while the store is asked: those that were replaced, deleted or
    /// whose time is over since are still counted.
    var room: Int
    var latest: Timestamp?

    mutating func version(since: Timestamp) -> Timestamp {
      let version = max(since, latest ?? since)
      latest = version
      return version
    }
  }

  private let accounts = Locked<[String: Account]>([:])

  /// The version for a document that is put; nil where nobody knows whether there is room for it.
  func versionToPut(in stack: String, since: Timestamp) -> Timestamp? {
    accounts.withLock { accounts in
      guard let room = accounts[stack]?.room, room > 0 else { return nil }
      accounts[stack]?.room = room - 1
      return accounts[stack]?.version(since: since)
    }
  }

  func knows(_ stack: String) -> Bool { accounts.withLock { $0[stack] != nil } }

  /// The version for a document that was there; nil for a stack that is not known.
  func versionToReplace(in stack: String, since: Timestamp) -> Timestamp? {
    accounts.withLock { $0[stack]?.version(since: since) }
  }

  /// Notes what the store says.
  func note(_ stack: String, room: Int, latest: Timestamp?) {
    accounts.withLock { accounts in
      if accounts.count >= Self.mostStacks, accounts[stack] == nil { accounts.removeAll() }
      let known = accounts[stack]?.latest
      accounts[stack] = Account(room: room, latest: [known, latest].compactMap { $0 }.max())
    }
  }
}
