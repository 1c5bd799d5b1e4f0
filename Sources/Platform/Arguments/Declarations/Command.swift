/// One command of a program: what it is called, takes and does.
package struct Command: Sendable {
  /// How the words after the command are read.
  package enum Reading: Sendable, Hashable {
    /// Flags and arguments in any order; `--` ends the flags; a surplus argument is an error.
    case anyOrder
    /// As Go's flag package does: flags end at the first word that is none, and what follows is ignored.
    case go
    /// The first word is the first argument whatever it looks like, except a call for help. Then as `go`.
    case goAfterName
  }

  package let name: String
  /// The heading under which the program's help lists it.
  package let group: String
  /// One line, without a full stop.
  package let summary: String
  /// What a user should know beyond the flags; paragraphs.
  package let discussion: String
  package let reading: Reading
  package let positionals: [PositionalDeclaration]
  package let options: [OptionDeclaration]
  /// Returns the program's exit code.
  package let run: @Sendable (ParsedArguments) async -> Int32

  package init(
    _ name: String, group: String = "", summary: String, discussion: String = "", reading: Reading = .anyOrder,
    positionals: [PositionalDeclaration] = [], options: [OptionDeclaration] = [],
    run: @escaping @Sendable (ParsedArguments) async -> Int32
  ) {
    self.name = name
    self.group = group
    self.summary = summary
    self.discussion = discussion
    self.reading = reading
    self.positionals = positionals
    self.options = options
    self.run = run
  }

  func option(named name: String) -> OptionDeclaration? { options.first { $0.names.contains(name) } }

  /// The names that a person may have meant who made a typing error: neither hidden ones nor single letters.
  var knownFlagNames: [String] { options.filter { !$0.isHidden }.flatMap(\.names).filter { $0.count > 1 } + ["help"] }
}
