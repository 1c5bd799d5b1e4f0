/// An argument that its place tells, and the key to its value: `arguments[positional]`.
package struct Positional<Value: Sendable>: Sendable {
  package let declaration: PositionalDeclaration
  let defaultValue: Value
}

/// A positional argument as parser, help and completion see it.
package struct PositionalDeclaration: Sendable {
  package let name: String
  package let help: String
  package let isRequired: Bool
  /// Whether it stands for all arguments that are left. Nothing follows it.
  package let isRepeated: Bool
  /// Said when it is missing.
  package let missingMessage: String
  package let completion: Completion

  init(
    name: String, help: String, isRequired: Bool, isRepeated: Bool = false, missingMessage: String,
    completion: Completion
  ) {
    self.name = name
    self.help = help
    self.isRequired = isRequired
    self.isRepeated = isRepeated
    self.missingMessage = missingMessage
    self.completion = completion
  }

  /// How a line of usage shows it.
  var usage: String {
    let shown = isRequired ? name : "[\(name)]"
    return isRepeated ? "\(shown)…" : shown
  }
}

extension Positional where Value == String {
  /// - Parameter missingMessage: said when it is missing; a sentence that names it if left out.
  package static func required(
    _ name: String, help: String, missingMessage: String? = nil, completion: Completion = .nothing
  ) -> Positional {
    let declaration = PositionalDeclaration(
      name: name, help: help, isRequired: true, missingMessage: missingMessage ?? "\(name) is missing",
      completion: completion)
    return Positional(declaration: declaration, defaultValue: "")
  }
}

extension Positional where Value == String? {
  package static func optional(_ name: String, help: String, completion: Completion = .nothing) -> Positional {
    let declaration = PositionalDeclaration(
      name: name, help: help, isRequired: false, missingMessage: "", completion: completion)
    return Positional(declaration: declaration, defaultValue: nil)
  }
}

extension Positional where Value == [String] {
  /// All arguments that are left, if any.
  package static func repeated(_ name: String, help: String, completion: Completion = .nothing) -> Positional {
    let declaration = PositionalDeclaration(
      name: name, help: help, isRequired: false, isRepeated: true, missingMessage: "", completion: completion)
    return Positional(declaration: declaration, defaultValue: [])
  }
}
