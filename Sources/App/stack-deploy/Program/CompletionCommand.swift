import Arguments

/// `completion SHELL`: a script that teaches a shell the commands and flags.
enum CompletionCommand {
  private static let shell = Positional<String>.required(
    "SHELL", help: "bash, zsh or fish.", completion: .words(CompletionShell.allCases.map(\.rawValue)))

  static let declaration: Command = Command(
    "completion", group: "Other", summary: "Print a script that completes commands and flags",
    discussion: """
      For bash: source <(stack-deploy completion bash)
      For zsh:  source <(stack-deploy completion zsh)
      For fish: stack-deploy completion fish | source
      """,
    positionals: [shell.declaration]
  ) { arguments in
    guard let shell = CompletionShell(rawValue: arguments[shell]) else {
      Console.writeError("unknown shell '\(arguments[shell])': bash, zsh and fish can complete\n")
      return ExitCode.usage
    }
    Console.write(Program.commands.completionScript(for: shell))
    return ExitCode.success
  }
}
