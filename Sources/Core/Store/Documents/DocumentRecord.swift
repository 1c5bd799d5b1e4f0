package import Concurrency
package import JSON

/// A document as it is stored.
package struct DocumentRecord: Sendable, Hashable {
  /// Keys are bytes; case counts.
  package var key: String
  package var value: JSON
  /// Of the write that it comes from.
  package var version: Timestamp
  /// From when on it is as if it were not there; nil for never.
  package var expiresAt: Timestamp?

  package init(key: String, value: JSON, version: Timestamp, expiresAt: Timestamp? = nil) {
    self.key = key
    self.value = value
    self.version = version
    self.expiresAt = expiresAt
  }

  /// Whether it is there at that time.
  package func isThere(at now: Timestamp) -> Bool {
    expiresAt.map { now < $0 } ?? true
  }
}

/// A change of a document.
package struct DocumentWrite: Sendable, Hashable {
  package enum Change: Sendable, Hashable {
    case put(JSON, expiresAt: Timestamp?)
    case delete
  }

  package var stack: String
  package var key: String
  /// A write of an older version than the stored document's changes nothing: it comes late.
  package var version: Timestamp
  package var change: Change

  package init(stack: String, key: String, version: Timestamp, change: Change) {
    self.stack = stack
    self.key = key
    self.version = version
    self.change = change
  }
}
