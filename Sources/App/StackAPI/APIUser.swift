package import Concurrency

package struct APIUser: Sendable, Hashable, Codable {
  package var name: String
  /// `admin` or `regular`.
  package var role: String
  package var createdAt: Timestamp

  package init(name: String, role: String, createdAt: Timestamp) {
    self.name = name
    self.role = role
    self.createdAt = createdAt
  }
}

/// `GET /api/v1/users?limit=N&page=TOKEN`, by name.
package struct APIUserPage: Sendable, Hashable, Codable {
  package var users: [APIUser]
  /// For `page` of the next call; nil at the end.
  package var next: String?

  package init(users: [APIUser], next: String?) {
    self.users = users
    self.next = next
  }
}

/// `POST /api/v1/users`.
package struct APIUserAddition: Sendable, Hashable, Codable {
  package var name: String
  /// `admin` or `regular`; left out: regular.
  package var role: String?

  package init(name: String, role: String? = nil) {
    self.name = name
    self.role = role
  }
}

/// The answer to it (201) and to `POST /api/v1/users/{user}/key` (200): the only time that a key is shown.
package struct APIUserKey: Sendable, Hashable, Codable, CustomStringConvertible {
  package var name: String
  package var key: String

  package init(name: String, key: String) {
    self.name = name
    self.key = key
  }

  /// Without the key.
  package var description: String { "the key of \(name)" }
}
