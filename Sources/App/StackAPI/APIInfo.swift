package import Concurrency

/// `GET /api/v1`: who answers, and as whom the caller is known.
package struct APIInfo: Sendable, Hashable, Codable {
  /// `stack-deploy`.
  package var name: String
  package var version: String
  package var startedAt: Timestamp
  /// Which store is open.
  package var store: String
  /// Nil until the cluster has been reached.
  package var cluster: Cluster?
  /// Nil where every check passes (`--dev`).
  package var user: User?

  package struct Cluster: Sendable, Hashable, Codable {
    package var id: String
    package var version: String

    package init(id: String, version: String) {
      self.id = id
      self.version = version
    }
  }

  package struct User: Sendable, Hashable, Codable {
    package var name: String
    package var role: String

    package init(name: String, role: String) {
      self.name = name
      self.role = role
    }
  }

  package init(
    name: String = "stack-deploy", version: String = ProductVersion.current, startedAt: Timestamp, store: String,
    cluster: Cluster? = nil, user: User? = nil
  ) {
    self.name = name
    self.version = version
    self.startedAt = startedAt
    self.store = store
    self.cluster = cluster
    self.user = user
  }
}
