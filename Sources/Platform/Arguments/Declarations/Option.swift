/// A flag of a command, and the key to its value: `arguments[option]`.
///
/// As in Go, one dash is as good as two, and the value follows as `--name value` or `--name=value`.
package struct Option<Value: Sendable>: Sendable {
  package let declaration: OptionDeclaration
  /// What it is worth when it is not given.
  package let defaultValue: Value

  package var name: String { declaration.name }

  init(_ declaration: OptionDeclaration, default defaultValue: Value) {
    self.declaration = declaration
    self.defaultValue = defaultValue
  }
}

/// An option without the type of its value, as parser, help and completion see it.
package struct OptionDeclaration: Sendable {
  /// The first one is shown first; the others are as good.
  package let names: [String]
  package let help: String
  /// What stands for the value in the help; `nil` for a flag without one.
  package let placeholder: String?
  /// As shown in the help.
  package let defaultText: String?
  package let isRepeated: Bool
  package let completion: Completion
  /// Whether the help leaves it out.
  package let isHidden: Bool
  /// Turns a text into a value, given the one from an earlier occurrence.
  let parse: @Sendable (_ text: String, _ before: (any Sendable)?) throws(InvalidValue) -> any Sendable

  package var name: String { names[0] }
  var isBoolean: Bool { placeholder == nil }
}

/// Why a text is no value; completes "invalid value …: ".
package struct InvalidValue: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What a shell offers where a value is due.
package enum Completion: Sendable, Hashable {
  case nothing
  case files
  case folders
  case words([String])
  /// The words that this program prints when it is called with these arguments.
  case output(of: [String])
}
