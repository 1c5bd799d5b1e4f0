/// Why the store could not do what it was asked.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    /// A record of that name exists already.
    package static let exists = Code("exists")
    package static let notFound = Code("not_found")
    /// The record changed since it was read: read it again and decide anew.
    package static let changed = Code("changed")
    /// Another server has taken over: this one must stop writing.
    package static let staleEpoch = Code("stale_epoch")
    /// Something else holds the data folder.
    package static let inUse = Code("in_use")
    /// Written by a newer version of this program.
    package static let tooNew = Code("too_new")
    /// Permissions, a full disk, a broken file.
    package static let unavailable = Code("unavailable")
    package static let corrupt = Code("corrupt")
    package static let invalidPageToken = Code("invalid_page_token")
    /// A list was asked for with a limit out of its bounds.
    package static let invalidLimit = Code("invalid_limit")
    package static let closed = Code("closed")

    package let description: String

    private init(_ text: String) {
      description = text
    }
  }

  package var code: Code
  /// A sentence for people: names the thing, the place and the way out.
  package var message: String
  /// The error below, as text.
  package var cause: String?

  package init(_ code: Code, _ message: String, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String {
    if let cause { "\(message): \(cause)" } else { message }
  }
}
