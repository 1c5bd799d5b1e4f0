/// Why a text is no grant.
package struct GrantError: Error, Sendable, Hashable, CustomStringConvertible {
  package let grant: String
  /// The character, from 1, at which it goes wrong.
  package let place: Int
  /// What is wrong and the way out, without a full stop.
  package let reason: String

  package init(_ grant: String, at place: Int, _ reason: String) {
    self.grant = grant
    self.place = place
    self.reason = reason
  }

  package var description: String { "\"\(grant.shortened)\" is no grant: \(reason) (character \(place))" }
}
