extension CommandSet {
  /// What the program can do: commands under their headings.
  package var help: String {
    var text = "\(summary)\n\nUsage: \(program) COMMAND [ARGUMENTS] [FLAGS]\n"
    var groups: [String] = []
    for command in commands where !groups.contains(command.group) { groups.append(command.group) }
    let width = commands.map(\.name.count).max() ?? 0
    for group in groups {
      text += "\n\(group.isEmpty ? "Commands" : group):\n"
      for command in commands where command.group == group {
        text += "  \(padded(command.name, width))  \(command.summary)\n"
      }
    }
    return text + "\n'\(program) COMMAND --help' tells more of a command.\n"
  }

  /// What a command does and takes.
  package func help(of command: Command) -> String {
    let positionals = command.positionals.map { " \($0.usage)" }.joined()
    var text = "\(command.summary)\n\nUsage: \(program) \(command.name)\(positionals)"
    text += command.options.isEmpty ? "\n" : " [FLAGS]\n"
    if !command.discussion.isEmpty {
      let lines = command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
      text += "\n" + lines.flatMap { wrapped($0, to: helpWidth) }.joined(separator: "\n") + "\n"
    }
    text += table("Arguments", command.positionals.map { ($0.name, $0.help) })
    text += table("Flags", command.options.filter { !$0.isHidden }.map { ($0.synopsis, $0.helpLine) })
    return text
  }

  private func table(_ title: String, _ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    let width = min(28, rows.map(\.0.count).max() ?? 0)
    return rows.reduce("\n\(title):\n") { text, row in
      let (left, right) = row
      let indentation = "\n" + String(repeating: " ", count: width + 4)
      // What is too long stands on a line of its own.
      let gap = left.count > width ? indentation : "  "
      let lines = wrapped(right[...], to: helpWidth - width - 4)
      return text + "  \(padded(left, width))\(gap)\(lines.joined(separator: indentation))\n"
    }
  }
}

/// Columns, as of the narrowest usual terminal.
private let helpWidth = 80

/// Broken between words; a line that begins with blanks, such as an example, stays as it is.
private func wrapped(_ text: Substring, to width: Int) -> [String] {
  guard text.count > width, text.first != " " else { return [String(text)] }
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? String(word) : " \(word)"
  }
  return lines + [line]
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

extension OptionDeclaration {
  fileprivate var synopsis: String {
    let dashed = names.map { $0.count == 1 ? "-\($0)" : "--\($0)" }.joined(separator: ", ")
    return placeholder.map { "\(dashed) \($0)" } ?? dashed
  }

  fileprivate var helpLine: String {
    help + (isRepeated ? " May be given several times." : "") + (defaultText.map { " (default \($0))" } ?? "")
  }
}
