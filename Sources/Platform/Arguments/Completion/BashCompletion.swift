extension CommandSet {
  var bashCompletion: String {
    """
    # bash completion for \(program): source <(\(program) completion bash)
    \(functionName)() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
      # bash takes "=" as a word of its own.
      if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
      COMPREPLY=()
      if (( COMP_CWORD == 1 )); then
        COMPREPLY=($(compgen -W \(shellQuoted(commands.map(\.name).joined(separator: " "))) -- "$cur"))
        return
      fi
      case ${COMP_WORDS[1]} in
    \(commands.map(bashCase).joined(separator: "\n"))
      esac
    }
    complete -F \(functionName) \(program)

    """
  }

  private func bashCase(_ command: Command) -> String {
    let flags = command.options.filter { !$0.isHidden }
    var lines = ["    \(command.name))", "      case $prev in"]
    for flag in flags where !flag.isBoolean {
      // Go takes one dash as well as two.
      let patterns = flag.names.flatMap { ["-\($0)", "--\($0)"] }.joined(separator: "|")
      lines.append("        \(patterns)) \(bashReply(flag.completion)) return ;;")
    }
    lines.append("      esac")
    lines.append("      if [[ $cur == -* ]]; then")
    let words = flags.flatMap(\.dashedNames) + ["--help"]
    lines.append("        COMPREPLY=($(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$cur\"))")
    if let positional = command.positionals.first {
      lines.append("      elif (( COMP_CWORD \(positional.isRepeated ? ">=" : "==") 2 )); then")
      lines.append("        \(bashReply(positional.completion))")
    }
    lines.append("      fi ;;")
    return lines.joined(separator: "\n")
  }

  private func bashReply(_ completion: Completion) -> String {
    switch completion {
    case .nothing: ":;"
    case .files: "COMPREPLY=($(compgen -f -- \"$cur\"));"
    case .folders: "COMPREPLY=($(compgen -d -- \"$cur\"));"
    case .words(let words):
      "COMPREPLY=($(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$cur\"));"
    case .output(let arguments):
      "COMPREPLY=($(compgen -W \"$(\(program) \(arguments.joined(separator: " ")) 2>/dev/null)\" -- \"$cur\"));"
    }
  }
}
