/// Why a source is not YAML that we read, and where.
struct YAMLError: Error, CustomStringConvertible {
  enum Kind {
    case syntax
    case limit
  }

  var kind = Kind.syntax
  var problem: String
  var position: SourcePosition
  /// The sentence that the original's API answers for it.
  var original: String
  /// Whether a tag inside `[ ]` or `{ }` ends with something that cannot end it.
  var endsTagInFlow = false

  var description: String { "\(position.line):\(position.column): \(problem)" }

  /// What usually helps.
  var hint: String? {
    switch problem {
    case "found unexpected ':'": "put texts with a colon inside [ ] and { } in quotes"
    case "found character that cannot start any token":
      "indent with spaces, not tabs, and put texts that start with @, % or ` in quotes"
    case "mapping values are not allowed in this context": "put texts that contain \": \" in quotes"
    case "found unknown escape character": "use single quotes, or double the backslash"
    default: nil
    }
  }

  static func limit(_ problem: String, at position: SourcePosition) -> YAMLError {
    YAMLError(kind: .limit, problem: problem, position: position, original: "yaml: \(problem)")
  }
}
