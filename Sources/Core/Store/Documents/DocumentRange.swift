/// The keys that begin with `prefix` and come after `after`, byte for byte.
package struct DocumentRange: Sendable, Hashable {
  package var prefix: String
  /// Any text, whether there is such a key or not; nil to begin at the beginning.
  package var after: String?

  package init(prefix: String = "", after: String? = nil) {
    self.prefix = prefix
    self.after = after
  }

  /// The least text that a key of the range can be. It is itself none if it is `after`.
  package var start: String {
    guard let after, prefix.utf8.lexicographicallyPrecedes(after.utf8) else { return prefix }
    return after
  }

  package func hasPrefix(_ key: String) -> Bool { key.utf8.starts(with: prefix.utf8) }
}

/// A part of the keys of a range.
package struct DocumentKeys: Sendable, Hashable {
  package var keys: [String]
  /// Whether the range has more behind them.
  package var hasMore: Bool

  /// - Parameter found: those from the range's start on, one more than `limit` if there are so many; they may go on
  ///   beyond the range.
  package init(_ found: [String], in range: DocumentRange, limit: Int) {
    let inside = found.prefix { range.hasPrefix($0) }
    keys = Array(inside.prefix(limit))
    hasMore = inside.count > limit
  }
}
