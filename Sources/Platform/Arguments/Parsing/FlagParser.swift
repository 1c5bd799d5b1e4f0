/// Reads the words after a command. What flags look like, and the errors' wording, is Go's flag package.
struct FlagParser {
  enum Stop: Error {
    case help
    case failure(ArgumentError.Kind, String)
  }

  let command: Command
  var words: ArraySlice<String>
  private var arguments = ParsedArguments()
  private var found: [String] = []

  init(command: Command, words: ArraySlice<String>) {
    self.command = command
    self.words = words
  }

  mutating func parse() throws(Stop) -> ParsedArguments {
    if command.reading == .goAfterName, let name = words.first {
      if CommandSet.isHelp(name) { throw .help }
      found.append(words.removeFirst())
    }
    var flagsEnded = false
    while let word = words.first {
      let isFlag = !flagsEnded && word.count > 1 && word.hasPrefix("-")
      if !isFlag && command.reading != .anyOrder { break }
      words.removeFirst()
      if !isFlag {
        found.append(word)
      } else if word == "--" {
        flagsEnded = true
      } else {
        try takeFlag(word)
      }
    }
    if command.reading == .go { found += words }
    try assignPositionals()
    return arguments
  }

  private mutating func takeFlag(_ word: String) throws(Stop) {
    let body = word.dropFirst(word.hasPrefix("--") ? 2 : 1)
    guard let first = body.first, first != "-", first != "=" else { throw .failure(.flag, "bad flag syntax: \(word)") }
    let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    var value = parts.count > 1 ? String(parts[1]) : nil
    guard let option = command.option(named: name) else {
      if name == "h" || name == "help" { throw .help }
      let hint = NearestName.hint(for: name, among: command.knownFlagNames, prefix: "--")
      throw .failure(.flag, "flag provided but not defined: -\(name)\(hint)")
    }
    if option.isBoolean {
      value = value ?? "true"
    } else if value == nil {
      value = words.popFirst()
    }
    guard let value else { throw .failure(.flag, "flag needs an argument: -\(name)") }
    do throws(InvalidValue) {
      arguments.options[option.name] = try option.parse(value, arguments.options[option.name])
    } catch {
      let what =
        option.isBoolean ? "invalid boolean value \(quoted(value)) for" : "invalid value \(quoted(value)) for flag"
      throw .failure(.flag, "\(what) -\(name): \(error)")
    }
  }

  private mutating func assignPositionals() throws(Stop) {
    for (index, (declaration, value)) in zip(command.positionals, found).enumerated() {
      if declaration.isRepeated {
        arguments.rest[declaration.name] = Array(found[index...])
      } else {
        arguments.positionals[declaration.name] = value
      }
    }
    if found.count < command.positionals.count {
      let missing = command.positionals[found.count...].first(where: \.isRequired)
      let kind: ArgumentError.Kind = command.reading == .goAfterName ? .missingName : .missingArgument
      if let missing { throw .failure(kind, missing.missingMessage) }
    }
    if command.reading == .anyOrder, command.positionals.last?.isRepeated != true,
      found.count > command.positionals.count
    {
      throw .failure(.surplusArgument, "unexpected argument '\(found[command.positionals.count])'")
    }
  }

  private func quoted(_ text: String) -> String {
    "\""
      + text.unicodeScalars.map { $0 == "\"" ? "\\\"" : $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }
      .joined() + "\""
  }
}
