/// Why variables of a text cannot be replaced. Names only, never values.
package enum VariableError: Error, Sendable, Hashable {
  /// In the order of the text, at most 20; `nearest` is a known name that the first one may have been meant to be.
  case unresolved([String], nearest: String?)
  /// From a variable back to itself, such as a, b, a.
  case cycle([String])
  /// What a variable stands for is longer than the limit, in bytes.
  case tooLong(limit: Int)
  /// What the variables of one application stand for is longer than the limit, in bytes.
  case tooMuch(limit: Int)
  /// Variables contain each other deeper than the limit.
  case tooDeep(limit: Int)
}

extension VariableError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unresolved(let names, let nearest):
      let list = Self.list(names, separator: ", ")
      let hint =
        nearest.map { "; did you mean ${\($0)}?" } ?? "; set it with --var \((names.first ?? "").shortened)=VALUE"
      return "unresolved variable\(names.count > 1 ? "s" : "") \(list)\(hint)"
    case .cycle(let names):
      return "variables that contain each other: \(Self.list(names, separator: " → "))"
    case .tooLong(let limit):
      return "the text is longer than \(limit) bytes once its variables are replaced"
    case .tooMuch(let limit):
      return "the application is longer than \(limit) bytes once its variables are replaced"
    case .tooDeep(let limit):
      return "variables contain each other deeper than \(limit) levels"
    }
  }

  private static func list(_ names: [String], separator: String) -> String {
    names.map { "${\($0.shortened)}" }.joined(separator: separator)
  }
}

/// Which variables of an application cannot be replaced, all at once; of very many the first ones.
package struct SubstitutionError: Error, Sendable, Hashable, CustomStringConvertible {
  package struct Problem: Sendable, Hashable, CustomStringConvertible {
    package var field: ApplicationField
    /// Which entry of the field: the name of an environment variable, flag or task, or the number of an argument or
    /// line, counted from 1. Nil where the field is one text.
    package var entry: String?
    package var error: VariableError

    package var description: String {
      let entry = entry.map { " (\($0))" } ?? ""
      return "\(field.rawValue)\(entry): \(error)"
    }
  }

  package var application: String
  package var problems: [Problem]

  package var description: String {
    problems.map { "application \(application), \($0)" }.joined(separator: "\n")
  }
}
