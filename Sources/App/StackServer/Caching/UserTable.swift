import Concurrency
import Store

/// All users, as they are known since the last change of one: whether somebody is a user is answered from it at once,
/// and in the same time whether they are or not.
final class UserTable: Sendable {
  private struct Table {
    var moment: UInt64
    /// By the bytes of their names, as the store tells them apart: Swift takes texts for equal that Unicode writes in two ways.
    var users: [[UInt8]: UserRecord]
  }

  private let changes: ChangeCounter
  private let table = Locked<Table?>(nil)

  init(changes: ChangeCounter) {
    self.changes = changes
  }

  enum Lookup {
    case user(UserRecord)
    case nobody
    /// Read them.
    case unknown
  }

  func lookUp(_ name: String) -> Lookup {
    guard let moment = changes.moment else { return .unknown }
    return table.withLock { table in
      guard let table, table.moment == moment else { return .unknown }
      return table.users[Array(name.utf8)].map { .user($0) } ?? .nobody
    }
  }

  /// Reads them all, if that is needed.
  func user(named name: String, from store: any UserStore) async throws(StoreError) -> UserRecord? {
    switch lookUp(name) {
    case .user(let user): return user
    case .nobody: return nil
    case .unknown: break
    }
    guard let moment = changes.moment else { return try await store.user(named: name) }
    let users = Dictionary(try await store.users().map { (Array($0.name.utf8), $0) }) { $1 }
    if changes.moment == moment { table.withLock { $0 = Table(moment: moment, users: users) } }
    return users[Array(name.utf8)]
  }
}
