extension CommandSet {
  package enum Parsing: Sendable {
    case command(Command, ParsedArguments)
    /// The text of the help that was asked for.
    case help(String)
    case version
  }

  /// Reads a command line.
  /// - Parameter arguments: without the program's name.
  package func parse(_ words: [String]) throws(ArgumentError) -> Parsing {
    // As the original: empty words at the front, such as a shell's empty variable in quotes, are no command.
    let arguments = Array(words.drop(while: \.isEmpty))
    guard let first = arguments.first else {
      throw ArgumentError(kind: .noCommand, message: "a command is missing", usage: help)
    }
    if Self.isHelp(first) || (first == "help" && arguments.count == 1) { return .help(help) }
    if ["--version", "-version", "-v"].contains(first) { return .version }
    if first == "help" { return .help(help(of: try find(arguments[1]))) }
    guard !first.hasPrefix("-") else {
      throw ArgumentError(
        kind: .misplacedFlag,
        message: "the flag \(first) stands before the command; flags follow it: \(program) COMMAND [FLAGS]", usage: help
      )
    }
    let command = try find(first)
    do throws(FlagParser.Stop) {
      var parser = FlagParser(command: command, words: arguments.dropFirst())
      return .command(command, try parser.parse())
    } catch {
      switch error {
      case .help: return .help(help(of: command))
      case .failure(let kind, let message):
        throw ArgumentError(kind: kind, message: message, usage: help(of: command))
      }
    }
  }

  private func find(_ name: String) throws(ArgumentError) -> Command {
    if let command = command(named: name) { return command }
    let hint = NearestName.hint(for: name, among: commands.map(\.name))
    throw ArgumentError(kind: .unknownCommand, message: "unknown command '\(name)'\(hint)", usage: help)
  }

  static func isHelp(_ word: String) -> Bool { ["-h", "--h", "-help", "--help"].contains(word) }
}
