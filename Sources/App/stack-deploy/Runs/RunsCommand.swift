import Arguments
import Concurrency
import StackAPI
import StackClient

/// `runs`: a list, newest first.
enum RunsCommand {
  private static let stack = Option<String?>.string("stack", help: "Only runs of this stack.", placeholder: "NAME")
  private static let zone = Option<String?>.string("zone", help: "Only runs in this zone.", placeholder: "NAME")
  private static let states = Option<[String]>.repeated(
    "state",
    help: "Only runs in this state: queued, running, blocked, succeeded, failed or cancelled.",
    placeholder: "STATE", completion: .words(["queued", "running", "blocked", "succeeded", "failed", "cancelled"])
  ) { text throws(InvalidValue) in text }
  private static let limit = Option<Int>.integer("limit", help: "How many at most.", default: 20, in: 1...1_000_000)

  static let declaration: Command = Command(
    "runs", group: "Runs", summary: "List runs, the newest first",
    options: ServerConnection.options + [
      stack.declaration, zone.declaration, states.declaration, limit.declaration, OutputFormat.option.declaration,
    ]
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      var query = StackClient.RunQuery()
      query.stack = arguments[stack]
      query.zone = arguments[zone]
      query.states = arguments[states]
      let json = try await client.runsJSON(query, upTo: arguments[limit])
      let page = try client.understand(json, as: APIRunPage.self)
      arguments[OutputFormat.option].show(json) { table(page.runs) }
      return ExitCode.success
    }
  }

  private static func table(_ runs: [APIRunSummary]) -> String {
    var table = Table("RUN", "KIND", "STACK", "ZONE", "STATE", "STARTED", "BY", "ERROR")
    for run in runs {
      table.add(
        String(run.id), run.kind, run.stack, run.zone, run.state, (run.startedAt ?? run.createdAt).description,
        run.createdBy, run.error.map { DisplayWidth.cut($0, to: 80) } ?? "")
    }
    return table.text
  }
}
