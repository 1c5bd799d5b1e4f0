package import Store

/// Who makes a request, proven by a key.
package struct Caller: Sendable, Hashable {
  /// Empty where every check passes (`--dev`).
  package var name: String
  package var role: UserRole

  package init(name: String, role: UserRole) {
    self.name = name
    self.role = role
  }
}
