package import Concurrency
import Crypto
package import HTTPTypes
import StackAPI
package import Store
import Telemetry

/// Finds out who makes a request, from `X-Api-User` and `X-Api-Key` as the original, or from HTTP's basic
/// authentication.
///
/// Neither answers nor the work that is done tell whether there is a user of a name: every check of a key is one look
/// at the users, who are all known or all read, and the same digests. Wrong keys are slowed down: see `GuessLimit`.
package struct Authenticator: Sendable {
  private let store: any UserStore
  private let isOpen: Bool
  private let keys: KeyCheck
  /// Users that are known without asking the store; nil: none.
  private let table: UserTable?
  private let time: any TimeSource
  private let guesses = Locked(GuessLimit())

  private static let logger = Logger("access")

  /// - Parameter isOpen: `--dev`: every check passes, whatever is sent.
  package init(
    store: any UserStore, isOpen: Bool, keys: KeyCheck = KeyCheck(), time: any TimeSource = SystemTime()
  ) {
    self.init(store: store, isOpen: isOpen, keys: keys, table: nil, time: time)
  }

  init(
    store: any UserStore, isOpen: Bool, keys: KeyCheck = KeyCheck(), table: UserTable?, time: any TimeSource
  ) {
    self.store = store
    self.isOpen = isOpen
    self.keys = keys
    self.table = table
    self.time = time
  }

  /// Who makes the request, if that and their right to make it are known without waiting. All else, a refusal in
  /// particular, is for `authenticate`; before that the same work was done whether there is such a user or not.
  func known(_ fields: HTTPFields, from peer: String, for access: Access) -> Caller? {
    if isOpen { return Caller(name: "", role: .admin) }
    guard let table, let (name, key) = credentials(fields), !guesses.withLock({ $0.remembers(peer) }) else {
      return nil
    }
    let user: UserRecord?
    switch table.lookUp(name) {
    case .user(let known): user = known
    case .nobody: user = nil
    case .unknown: return nil
    }
    guard keys.matches(key, user?.key), let user, case .sha256 = user.key, access.admits(user.role) else { return nil }
    return Caller(name: user.name, role: user.role)
  }

  /// - Parameter peer: whom wrong keys are counted for.
  /// - Throws: `Refusal` 401 without or with wrong credentials, 403 for a role that may not, 429 after too many wrong ones;
  ///   `StoreError`.
  package func authenticate(_ fields: HTTPFields, from peer: String, for access: Access) async throws -> Caller {
    if isOpen { return Caller(name: "", role: .admin) }
    guard let (name, key) = credentials(fields) else {
      throw Refusal(
        401,
        APIError(
          .unauthorized,
          "a user and a key are needed: X-Api-User and X-Api-Key (SD_USER and SD_KEY for the command line)"))
    }
    // Most peers have never sent a wrong key, and nothing is remembered of them.
    let isSuspect = guesses.withLock { $0.remembers(peer) }
    if isSuspect, let wait = guesses.withLock({ $0.wait(of: peer, Self.digest(name, key), at: time.uptime()) }) {
      let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
      var refusal = Refusal(
        429,
        APIError(.tooManyRequests, "too many wrong keys came from \(peer): try again in \(seconds) s"))
      refusal.retryAfter = seconds
      throw refusal
    }
    let user = try await store.user(named: name)
    guard keys.matches(key, user?.key), let user else {
      guesses.withLock { $0.noteWrong(peer, Self.digest(name, key), at: time.uptime()) }
      throw Refusal(401, APIError(.unauthorized, "Unauthorized"))
    }
    if isSuspect { guesses.withLock { $0.noteRight(peer, Self.digest(name, key)) } }
    if case .sha1 = user.key { await rehash(user, key) }
    guard access.admits(user.role) else {
      throw Refusal(403, APIError(.forbidden, "User \(name) is not an admin"))
    }
    return Caller(name: user.name, role: user.role)
  }

  private static func digest(_ name: String, _ key: String) -> [UInt8] {
    Digest.sha256("\(name.utf8.count) \(name) \(key)".utf8)
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
