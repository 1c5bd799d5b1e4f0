import Arguments
import Concurrency
import StackAPI
import StackClient

/// `status [RUN]`: what a run does, what it waits for, why it failed.
enum StatusCommand {
  private static let run = Positional<String?>.optional(
    "RUN", help: "The run's number; the most recent one if not given.")

  static let declaration: Command = Command(
    "status", group: "Runs", summary: "Show what a run does, what it waits for and why it failed",
    positionals: [run.declaration],
    options: ServerConnection.options + [OutputFormat.option.declaration]
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let id =
        if let text = arguments[run] { try RunArgument.number(text) } else { try await RunArgument.latest(client) }
      let json = try await client.runJSON(id)
      let status = try client.understand(json, as: APIRunStatus.self)
      arguments[OutputFormat.option].show(json) {
        RunTree(status: status, now: SystemTime().now(), hasColours: Terminal.hasColours).text
      }
      return ExitCode.success
    }
  }
}
