/// What a stack says of a variable that its runs may be given.
package struct VariableDeclaration: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case string, integer, number, boolean
  }

  package var kind: Kind
  /// The value where a run is given none, as text; `nil` where a run has to be given one.
  package var standard: String?
  /// Of numbers, both included.
  package var minimum: Double?
  package var maximum: Double?
  /// The texts that it may be; empty for any.
  package var choices: [String]
  /// A sentence for people.
  package var doc: String

  package init(
    _ kind: Kind, standard: String? = nil, minimum: Double? = nil, maximum: Double? = nil, choices: [String] = [],
    doc: String = ""
  ) {
    self.kind = kind
    self.standard = standard
    self.minimum = minimum
    self.maximum = maximum
    self.choices = choices
    self.doc = doc
  }
}
