import Arguments

/// `version`: what the original's `--version` says, for scripts that want it on standard output with exit code 0.
enum VersionCommand {
  static let version = "0.4.0"

  static let declaration: Command = Command("version", group: "Other", summary: "Print the version") { _ in
    Console.write("\(version)\n")
    return ExitCode.success
  }
}
