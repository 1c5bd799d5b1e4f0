import Arguments
import JSON
import StackAPI
import StackClient
import StackModel

/// `events RUN`: what happened, step by step.
enum EventsCommand {
  private static let run = RunArgument.required()
  private static let follow = Option<Bool>.flag("follow", "f", help: "Go on until the run is over.")
  private static let after = Option<Int>.integer(
    "after", help: "Only events after this sequence.", default: 0, in: 0...Int.max)

  static let declaration: Command = Command(
    "events", group: "Runs", summary: "Show what happened in a run, step by step",
    positionals: [run.declaration],
    options: ServerConnection.options + [follow.declaration, after.declaration, OutputFormat.option.declaration]
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let id = try RunArgument.number(arguments[run])
      let format = arguments[OutputFormat.option]
      if arguments[follow] {
        try await client.follow(id, after: Int64(arguments[after]), contact: .first) { following in
          switch following {
          case .event(let event): show(event, format)
          case .disconnected(let reason): Console.writeError("\(reason); trying again\n")
          case .reconnected: Console.writeError("connected again\n")
          }
        }
      } else {
        var position: Int64? = Int64(arguments[after])
        while let from = position {
          let page = try await client.events(of: id, after: from)
          for event in page.events { show(event, format) }
          position = page.next
        }
      }
      return ExitCode.success
    }
  }

  /// JSON has one event per line and YAML one document per event, so that both can be read while they come.
  private static func show(_ event: APIEvent, _ format: OutputFormat) {
    guard format != .table, let json = try? JSON(encoding: event) else {
      Console.write(EventLine.text(event) + "\n")
      return
    }
    Console.write(format == .json ? json.text + "\n" : "---\n" + StackYAML.text(json))
  }
}
