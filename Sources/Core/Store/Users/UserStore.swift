package import Concurrency

package enum UserRole: String, Sendable, Hashable, CaseIterable {
  case admin
  case regular
}

/// A user and the digest of the key that proves who they are. Keys themselves are never stored.
package struct UserRecord: Sendable, Hashable {
  package enum KeyDigest: Sendable, Hashable {
    /// 32 bytes. Keys are long and random, so a plain digest is enough.
    case sha256([UInt8])
    /// 20 bytes: a row of the original, accepted and rehashed at its first use.
    case sha1([UInt8])
  }

  package var name: String
  package var role: UserRole
  package var key: KeyDigest
  package var createdAt: Timestamp

  package init(name: String, role: UserRole, key: KeyDigest, createdAt: Timestamp) {
    self.name = name
    self.role = role
    self.key = key
    self.createdAt = createdAt
  }
}

package protocol UserStore: Sendable {
  func user(named name: String) async throws(StoreError) -> UserRecord?
  /// Bytewise by name. `limit` from 1 to 1,000.
  func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord>
  /// `.exists` if the name is taken.
  func add(_ user: UserRecord) async throws(StoreError)
  /// `.changed` unless the stored record equals `old`; the name stays.
  func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError)
}

extension UserStore {
  /// All of them, bytewise by name, read page by page: one that is added meanwhile may be missing.
  package func users() async throws(StoreError) -> [UserRecord] {
    var page = try await users(after: nil, limit: PageLimit.largestPage)
    var users = page.elements
    while let next = page.next {
      page = try await self.users(after: next, limit: PageLimit.largestPage)
      users += page.elements
    }
    return users
  }
}
