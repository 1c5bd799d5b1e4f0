import Arguments
import StackAPI
import StackClient

/// `logs RUN [APPLICATION]`: what hooks and tasks have written.
enum LogsCommand {
  private static let run = RunArgument.required()
  private static let application = Positional<String?>.optional(
    "APPLICATION", help: "An application of the run, or one that its scripts work on; all if not given.")
  private static let follow = Option<Bool>.flag("follow", "f", help: "Go on while something may be written.")
  private static let output = Option<Bool>.flag("stdout", help: "Only standard output.")
  private static let error = Option<Bool>.flag("stderr", help: "Only standard error.")

  static let declaration: Command = Command(
    "logs", group: "Runs", summary: "Show what hooks and tasks of a run have written",
    positionals: [run.declaration, application.declaration],
    options: ServerConnection.options + [follow.declaration, output.declaration, error.declaration]
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let stream: String? =
        switch (arguments[output], arguments[error]) {
        case (true, false): "stdout"
        case (false, true): "stderr"
        default: nil
        }
      // Files and pipes get every byte; a terminal gets nothing that would move its cursor or change its settings.
      var cleaner = Terminal.isThere ? TerminalText(keepsColours: Terminal.hasColours) : nil
      let run = try RunArgument.number(arguments[run])
      if arguments[follow] {
        let asked = APILogRequest(application: arguments[application], stream: stream)
        try await client.followLogs(of: run, asked) { following in
          switch following {
          case .text(let text): Console.write(cleaner?.clean(text) ?? text)
          case .disconnected(let reason): Console.writeError("\(reason); trying again\n")
          case .reconnected: Console.writeError("connected again\n")
          }
        }
      } else {
        try await client.logs(of: run, application: arguments[application], stream: stream) {
          Console.write(cleaner?.clean($0) ?? $0)
        }
      }
      if let cleaner { Console.write(cleaner.end) }
      return ExitCode.success
    }
  }
}
