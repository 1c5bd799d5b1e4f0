import StackModel

extension FuzzTarget {
  /// The first line is the text; each further one `name=value`, in one scope after another.
  static let variables = FuzzTarget(
    name: "variables", summary: "${} in texts; first line the text, then name=value lines", longestInput: 2_048
  ) { bytes in
    let lines = lines(bytes)
    var variables = Variables()
    for (index, line) in lines.dropFirst().enumerated() {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let scope = Variables.Scope.allCases[index % Variables.Scope.allCases.count]
      variables[scope][String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    let text = lines[0]
    do {
      let result = try variables.substitute(in: text)
      try require(result.utf8.count <= max(Variables.textLimit, text.utf8.count), "the result is longer than allowed")
      if !text.contains("$") { try requireSame(result, text, "a text without variables changes") }
      // Twice the same, whatever order the names were looked up in.
      try requireSame(result, try variables.substitute(in: text), "the second time gives something else")
    } catch let error as VariableError {
      try require(error.description.utf8.count < 16_384, "a message of \(error.description.utf8.count) bytes")
    }

    var application = Application()
    application.id = "web"
    application.launchCommand = text
    application.args = Array(lines.dropFirst())
    do {
      let replaced = try application.substituting(variables, for: Application.SubstitutionStage.allCases)
      let size = replaced.args.reduce(replaced.launchCommand.utf8.count) { $0 + $1.utf8.count }
      try require(size <= 8 * Variables.textLimit, "the application grew to \(size) bytes")
    } catch let error as SubstitutionError {
      try require(error.description.utf8.count < 65_536, "a message of \(error.description.utf8.count) bytes")
    }
    _ = variables.masked.description
  }
}
