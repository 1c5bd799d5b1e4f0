/// One thing that is wrong, or looks wrong, in a stack's source, and where.
package struct Diagnostic: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    case error
    case warning
  }

  /// What kind of mistake it is. New ones may come; the words are part of the JSON API.
  package struct Code: RawRepresentable, Sendable, Hashable {
    package var rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Neither YAML nor Lua.
    package static let syntax = Code(rawValue: "syntax")
    /// Larger or deeper than we read.
    package static let limit = Code(rawValue: "limit")
    /// The Lua file of a stack raises an error.
    package static let script = Code(rawValue: "script")
    /// A list where a text is meant, and the like.
    package static let wrongType = Code(rawValue: "wrong-type")
    /// Of the right type, and impossible whatever it is merged with.
    package static let missingFile = Code(rawValue: "missing-file")
    package static let invalidValue = Code(rawValue: "invalid-value")
    package static let unknownField = Code(rawValue: "unknown-field")
    package static let duplicateKey = Code(rawValue: "duplicate-key")
    package static let unknownType = Code(rawValue: "unknown-type")
    /// A script names a function of the host that is not there.
    package static let unknownFunction = Code(rawValue: "unknown-function")
    package static let unknownOperation = Code(rawValue: "unknown-operation")
    package static let unknownDependency = Code(rawValue: "unknown-dependency")
    package static let dependencyCycle = Code(rawValue: "dependency-cycle")
    package static let duplicateID = Code(rawValue: "duplicate-id")
    package static let missingName = Code(rawValue: "missing-name")
    package static let nullApplication = Code(rawValue: "null-application")
  }

  package var severity: Severity
  package var code: Code
  /// As the author named it; empty where the source came without a name.
  package var file: String
  package var position: SourcePosition
  /// A sentence without its full stop that names the thing.
  package var message: String
  /// What to do about it, such as the nearest known name.
  package var hint: String?

  package init(
    _ severity: Severity, _ code: Code, file: String = "", at position: SourcePosition, _ message: String,
    hint: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.file = position.file ?? file
    self.position = position
    self.message = message.shortened(to: Self.lengthLimit)
    self.hint = hint?.shortened(to: Self.lengthLimit)
  }

  /// Of message and hint each, in bytes: they contain what authors wrote, which may be very long.
  private static let lengthLimit = 1_000

  package var line: Int { position.line }
  package var column: Int { position.column }
}

extension Diagnostic: CustomStringConvertible {
  /// `app.yaml:3:12: error: … (did you mean "cpu"?)`
  package var description: String {
    let place = (file.isEmpty ? "" : "\(file):") + "\(line):\(column)"
    return "\(place): \(severity.rawValue): \(message)" + (hint.map { " (\($0))" } ?? "")
  }
}

extension Diagnostic: Comparable {
  /// In the order of the file; at one place errors first.
  package static func < (left: Self, right: Self) -> Bool {
    if left.file != right.file { return left.file < right.file }
    if left.position != right.position { return left.position < right.position }
    if left.severity != right.severity { return left.severity == .error }
    return left.message < right.message
  }
}

extension Sequence<Diagnostic> {
  package var errors: [Diagnostic] { filter { $0.severity == .error } }
  package var warnings: [Diagnostic] { filter { $0.severity == .warning } }
  package var hasErrors: Bool { contains { $0.severity == .error } }

  /// All of them in the order of the file, one a line.
  package var text: String { sorted().map(\.description).joined(separator: "\n") }
}
