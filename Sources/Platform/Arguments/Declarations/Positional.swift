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
  /// Said when it is missing.
  package let missingMessage: String
  package let completion: Completion
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
