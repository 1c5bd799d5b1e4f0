import Arguments
import StackClient

/// `approve RUN NAME`: lets a script go on that waits for a person.
enum ApproveCommand {
  private static let run = RunArgument.required()
  private static let name = Positional<String>.required(
    "NAME", help: "What the script waits for; status shows it.", missingMessage: "which approval? status RUN shows it")

  static let declaration: Command = Command(
    "approve", group: "Runs", summary: "Give the approval that a script of a run waits for",
    positionals: [run.declaration, name.declaration], options: ServerConnection.options
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let id = try RunArgument.number(arguments[run])
      try await client.approve(id, arguments[name])
      Console.write("Run \(id) goes on\n")
      return ExitCode.success
    }
  }
}
