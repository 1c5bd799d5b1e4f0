/// What a command line said, read with the keys that declared it.
package struct ParsedArguments: Sendable {
  var options: [String: any Sendable] = [:]
  var positionals: [String: String] = [:]
  /// Of a positional that is repeated.
  var rest: [String: [String]] = [:]

  package subscript<Value>(option: Option<Value>) -> Value {
    options[option.name] as? Value ?? option.defaultValue
  }

  package subscript(positional: Positional<String>) -> String {
    positionals[positional.declaration.name] ?? positional.defaultValue
  }

  package subscript(positional: Positional<String?>) -> String? { positionals[positional.declaration.name] }

  package subscript(positional: Positional<[String]>) -> [String] {
    rest[positional.declaration.name] ?? positional.defaultValue
  }

  /// Whether the command line has it, be it with the default's value.
  package func isGiven<Value>(_ option: Option<Value>) -> Bool { options[option.name] != nil }
}
