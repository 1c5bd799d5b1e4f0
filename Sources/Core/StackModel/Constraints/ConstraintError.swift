/// Why a constraint is refused.
package enum ConstraintError: Error, Sendable, Hashable {
  /// `[]`: not even an attribute.
  case empty
  /// No such operator, or an operator without the value that it needs. What stands behind the attribute.
  case unsupported([String])
  case badPattern(operator: String, PatternError)
  /// GROUP_BY with something that is no whole number.
  case badGroupCount([String])

  /// The original's words.
  package var originalText: String {
    switch self {
    case .empty: "Invalid constraint"
    case .unsupported(let operands): "Unsupported constraint: \(Self.list(operands))"
    case .badPattern(let name, let error): "Invalid \(name.lowercased()): \(error)"
    case .badGroupCount(let operands): "Invalid constraint: \(Self.list(operands))"
    }
  }

  /// As Go prints a list of strings.
  private static func list(_ operands: [String]) -> String {
    "[\(operands.joined(separator: " "))]"
  }
}

extension ConstraintError: CustomStringConvertible {
  /// The original's words, and the way out.
  package var description: String {
    switch self {
    case .empty:
      return "\(originalText): it is empty; write [attribute, OPERATOR, value]"
    case .unsupported(let operands):
      if let name = operands.first, name == "LIKE" || name == "UNLIKE" {
        return "\(originalText): \(name) needs a pattern behind it"
      }
      let known = ConstraintRule.operators
      let nearest = operands.first.flatMap { NearestName.to($0, among: known) }
      let hint = nearest.map { "; did you mean \($0)?" } ?? ""
      return "\(originalText): the operators are \(known.joined(separator: ", "))\(hint)"
    case .badPattern:
      return originalText
    case .badGroupCount:
      return "\(originalText): GROUP_BY takes a whole number of groups"
    }
  }
}
