import Arguments

/// The program's commands, and what happens with a command line.
///
/// A command is a type with a `declaration`, which says what it takes and what runs. To add one, list it here: help and completion follow.
enum Program {
  static let commands: CommandSet = CommandSet(
    program: "stack-deploy", summary: "Deploys stacks of applications on Marathon.",
    commands: [
      AddCommand.add,
      AddCommand.addLayer,
      CheckCommand.declaration,
      ListCommand.declaration,
      ShowCommand.declaration,
      RemoveCommand.declaration,
      RunCommand.declaration,
      DownCommand.declaration,
      RunsCommand.declaration,
      StatusCommand.declaration,
      EventsCommand.declaration,
      LogsCommand.declaration,
      CancelCommand.declaration,
      ResumeCommand.declaration,
      ApproveCommand.declaration,
      ScheduledCommand.declaration,
      UserCommands.add,
      UserCommands.refreshToken,
      ServerCommand.declaration,
      PingCommand.declaration,
      ClusterCommand.declaration,
      LuaCommand.declaration,
      CompletionCommand.declaration,
      VersionCommand.declaration,
    ])

  /// - Parameter words: the command line without the program's name.
  /// - Returns: the exit code.
  static func run(_ words: [String]) async -> Int32 {
    do throws(ArgumentError) {
      switch try commands.parse(words) {
      case .command(let command, let arguments): return await command.run(arguments)
      case .help(let text): return tellHelp(text, ofProgram: text == commands.help)
      case .version:
        Console.writeError("\(VersionCommand.version)\n")
        return ExitCode.failure
      }
    } catch {
      return refuse(error)
    }
  }

  /// Help goes to standard error; the program's ends with 1, a command's with 0. All as in the original.
  private static func tellHelp(_ text: String, ofProgram: Bool) -> Int32 {
    Console.writeError(text)
    return ofProgram ? ExitCode.failure : ExitCode.success
  }

  private static func refuse(_ error: ArgumentError) -> Int32 {
    switch error.kind {
    case .noCommand:
      Console.writeError(error.usage)
      return ExitCode.failure
    case .unknownCommand, .misplacedFlag:
      Console.writeError("\(error.message)\n\n\(error.usage)")
      return ExitCode.failure
    case .missingName:
      Console.write("\(error.message)\n")
      return ExitCode.failure
    case .flag, .missingArgument, .surplusArgument:
      Console.writeError("\(error.message)\n\n\(error.usage)")
      return ExitCode.usage
    }
  }
}
