extension CommandSet {
  var fishCompletion: String {
    var lines = ["# fish completion for \(program): \(program) completion fish | source", "complete -c \(program) -f"]
    for command in commands {
      lines.append(
        "complete -c \(program) -n __fish_use_subcommand -a \(command.name) -d \(shellQuoted(command.summary))")
    }
    for command in commands {
      let condition = "complete -c \(program) -n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options where !option.isHidden {
        lines.append("\(condition)\(fishNames(option))\(fishValue(option)) -d \(shellQuoted(option.help))")
      }
      if let positional = command.positionals.first, let words = fishWords(positional.completion) {
        lines.append("\(condition) \(words)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func fishNames(_ option: OptionDeclaration) -> String {
    option.names.map { $0.count == 1 ? " -s \($0)" : " -l \($0)" }.joined()
  }

  private func fishValue(_ option: OptionDeclaration) -> String {
    guard !option.isBoolean else { return "" }
    // -x means that no files are offered.
    return (option.completion == .files ? " -r" : " -x") + (fishWords(option.completion).map { " \($0)" } ?? "")
  }

  private func fishWords(_ completion: Completion) -> String? {
    switch completion {
    case .nothing: nil
    case .files: "-F"
    case .folders: "-a '(__fish_complete_directories)'"
    case .words(let words): "-a \(shellQuoted(words.joined(separator: " ")))"
    case .output(let arguments): "-a '(\(program) \(arguments.joined(separator: " ")) 2>/dev/null)'"
    }
  }
}
