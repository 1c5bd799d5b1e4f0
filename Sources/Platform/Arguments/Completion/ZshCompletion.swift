extension CommandSet {
  var zshCompletion: String {
    """
    #compdef \(program)
    # zsh completion for \(program): source <(\(program) completion zsh)
    \(functionName)() {
      local -a commands
      commands=(
    \(commands.map { "    \(shellQuoted("\($0.name):\($0.summary)"))" }.joined(separator: "\n"))
      )
      if (( CURRENT == 2 )); then
        _describe command commands
        return
      fi
      local command=$words[2]
      shift words
      (( CURRENT-- ))
      case $command in
    \(commands.map(zshCase).joined(separator: "\n"))
      esac
    }
    compdef \(functionName) \(program)

    """
  }

  private func zshCase(_ command: Command) -> String {
    var specifications = command.options.filter { !$0.isHidden }.flatMap { option in
      option.dashedNames.map { name in
        (option.isRepeated ? "*" : "") + "\(name)[\(bracketed(option.help))]"
          + (option.placeholder.map { ":\(bracketed($0)):\(zshAction(option.completion))" } ?? "")
      }
    }
    specifications.append("--help[Tells what the command does and takes.]")
    for (index, positional) in command.positionals.enumerated() {
      let place = positional.isRepeated ? "*" : "\(index + 1)"
      specifications.append("\(place):\(bracketed(positional.name)):\(zshAction(positional.completion))")
    }
    return "    \(command.name)) _arguments \(specifications.map(shellQuoted).joined(separator: " ")) ;;"
  }

  /// Brackets and colons have a meaning in `_arguments`.
  private func bracketed(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  private func zshAction(_ completion: Completion) -> String {
    switch completion {
    case .nothing: " "
    case .files: "_files"
    case .folders: "_files -/"
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .output(let arguments):
      "{compadd -- ${(f)\"$(\(program) \(arguments.joined(separator: " ")) 2>/dev/null)\"}}"
    }
  }
}
