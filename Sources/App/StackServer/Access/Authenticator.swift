package import HTTPTypes
import StackAPI
package import Store
import Telemetry

/// Finds out who makes a request, from `X-Api-User` and `X-Api-Key` as the original, or from HTTP's basic
/// authentication.
package struct Authenticator: Sendable {
  private let store: any UserStore
  private let isOpen: Bool

  private static let logger = Logger("access")
  /// Compared with where there is no such user, so that both cases take the same time.
  private static let nobody = UserKey.digest(UserKey.make())

  /// - Parameter isOpen: `--dev`: every check passes, whatever is sent.
  package init(store: any UserStore, isOpen: Bool) {
    self.store = store
    self.isOpen = isOpen
  }

  /// - Throws: `Refusal` 401 without or with wrong credentials, 403 for a role that may not; `StoreError`.
  package func authenticate(_ fields: HTTPFields, for access: Access) async throws -> Caller {
    if isOpen { return Caller(name: "", role: .admin) }
    guard let (name, key) = credentials(fields) else {
      throw Refusal(
        401,
        APIError(
          .unauthorized,
          "a user and a key are needed: X-Api-User and X-Api-Key (SD_USER and SD_KEY for the command line)"))
    }
    let user = try await store.user(named: name)
    guard UserKey.matches(key, user?.key ?? Self.nobody), let user else {
      throw Refusal(401, APIError(.unauthorized, "Unauthorized"))
    }
    if case .sha1 = user.key { await rehash(user, key) }
    guard access.admits(user.role) else {
      throw Refusal(403, APIError(.forbidden, "User \(name) is not an admin"))
    }
    return Caller(name: user.name, role: user.role)
  }

  private func credentials(_ fields: HTTPFields) -> (name: String, key: String)? {
    if let name = fields["X-Api-User"], let key = fields["X-Api-Key"], !name.isEmpty, !key.isEmpty {
      return (name, key)
    }
    if let basic = fields["Authorization"].flatMap(BasicAuthorization.init(fieldValue:)), !basic.user.isEmpty {
      return (basic.user, basic.password)
    }
    return nil
  }

  /// A row of the original has the weaker digest; the key is at hand now, so it gets the other one.
  private func rehash(_ user: UserRecord, _ key: String) async {
    var renewed = user
    renewed.key = UserKey.digest(key)
    do {
      try await store.replace(user, with: renewed)
    } catch {
      // Another request may have done it; else the next one will try again.
      Self.logger.debug("the key of a user could not be rehashed", ["user": user.name, "error": "\(error)"])
    }
  }
}
