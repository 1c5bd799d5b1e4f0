/// A shell that can complete commands and flags.
package enum CompletionShell: String, Sendable, Hashable, CaseIterable {
  case bash, zsh, fish
}

extension CommandSet {
  /// A script that teaches a shell this program's commands, flags and the values that are known.
  package func completionScript(for shell: CompletionShell) -> String {
    switch shell {
    case .bash: bashCompletion
    case .zsh: zshCompletion
    case .fish: fishCompletion
    }
  }

  /// The program's name as part of a shell function's name.
  var functionName: String { "_" + program.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() }
}

extension OptionDeclaration {
  var dashedNames: [String] { names.map { $0.count == 1 ? "-\($0)" : "--\($0)" } }
}

/// The text as one word of a POSIX shell.
func shellQuoted(_ text: String) -> String {
  "'" + text.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
}
