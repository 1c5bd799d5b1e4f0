import Arguments
import StackAPI
import StackClient

/// `resume RUN`: a person's decision about a step that the server cannot ask about, or that has failed.
enum ResumeCommand {
  private static let run = RunArgument.required()
  private static let retry = Option<Bool>.flag("retry-step", help: "Do the step again.")
  private static let skip = Option<Bool>.flag("skip-step", help: "Take the step as done.")

  static let declaration: Command = Command(
    "resume", group: "Runs", summary: "Let a blocked or failed run go on",
    discussion: """
      A run is blocked where nobody but a person can tell whether a step has happened; status says which one and why.
      A run that has failed goes on where it was: its failed steps are done again, or left out; what is done stays done.
      """,
    positionals: [run.declaration], options: ServerConnection.options + [retry.declaration, skip.declaration]
  ) { arguments in
    guard arguments[retry] != arguments[skip] else {
      Console.writeError("resume needs one of --retry-step and --skip-step\n")
      return ExitCode.usage
    }
    return await callServer(arguments) { client throws(StackClientError) in
      let id = try RunArgument.number(arguments[run])
      try await client.resume(id, arguments[retry] ? .retryStep : .skipStep)
      Console.write("Run \(id) goes on\n")
      return ExitCode.success
    }
  }
}
