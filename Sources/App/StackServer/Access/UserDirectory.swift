package import Concurrency
import StackAPI
package import Store

/// Adds users and gives out keys. Also used without a server, by `adduser --data-dir`.
package struct UserDirectory: Sendable {
  let store: any UserStore
  let time: any TimeSource

  package init(store: any UserStore, time: any TimeSource = SystemTime()) {
    self.store = store
    self.time = time
  }

  /// Adds a user and returns the key, which is nowhere else.
  /// - Throws: `UserError`, `StoreError`.
  package func add(_ name: String, role: UserRole) async throws -> String {
    try check(name)
    guard name != Bootstrap.user else {
      throw UserError(
        .invalidName, "no user can be called '\(name)': in this name servers run their bootstrap stack")
    }
    let key = UserKey.make()
    do throws(StoreError) {
      try await store.add(
        UserRecord(name: name, role: role, key: UserKey.digest(key), createdAt: time.now()))
    } catch {
      guard error.code == .exists else { throw error }
      throw UserError(.exists, "User '\(name)' already exists")
    }
    return key
  }

  /// Gives a user a new key; the old one is worth nothing from then on.
  /// - Throws: `UserError`, `StoreError`.
  package func renewKey(of name: String) async throws -> String {
    try check(name)
    let key = UserKey.make()
    // The record may change between reading and writing, e.g. when its digest is renewed.
    for _ in 0..<10 {
      guard let user = try await store.user(named: name) else {
        throw UserError(.notFound, "User '\(name)' does not exist")
      }
      var renewed = user
      renewed.key = UserKey.digest(key)
      do throws(StoreError) {
        try await store.replace(user, with: renewed)
        return key
      } catch {
        guard error.code == .changed else { throw error }
      }
    }
    throw StoreError.userChanged(name)
  }

  package func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
    try await store.users(after: token, limit: limit)
  }

  /// Where there is no user yet, an administrator with a new key.
  ///
  /// The key is handed out before its digest is stored: a crash in between leaves a key that is worth nothing, and the
  /// next start hands out another one; never a stored key that nobody has seen.
  /// - Parameter handOut: shows or writes the key, durably.
  package func addFirstAdministrator(
    handOut: (_ key: String) async throws -> Void
  ) async throws {
    guard try await store.users(after: nil, limit: 1).elements.isEmpty else { return }
    let key = UserKey.make()
    try await handOut(key)
    try await store.add(
      UserRecord(name: "admin", role: .admin, key: UserKey.digest(key), createdAt: time.now()))
  }

  private func check(_ name: String) throws(UserError) {
    guard !name.isEmpty else { throw UserError(.invalidName, "the user's name is empty") }
    guard name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw UserError(.invalidName, "the user's name has control characters")
    }
  }
}

package struct UserError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    case exists, notFound, invalidName
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
