import Arguments
import StackClient

/// `cancel RUN`: ends a run; what it has deployed stays.
enum CancelCommand {
  private static let run = RunArgument.required()

  static let declaration: Command = Command(
    "cancel", group: "Runs", summary: "End a run; what it has deployed stays",
    positionals: [run.declaration], options: ServerConnection.options
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let id = try RunArgument.number(arguments[run])
      try await client.cancel(id)
      Console.write("Run \(id) is being cancelled\n")
      return ExitCode.success
    }
  }
}
