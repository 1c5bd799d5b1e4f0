import Arguments
import JSON
import StackClient

/// `scheduled`: tasks that run by the clock.
enum ScheduledCommand {
  private static let remove = Option<String?>.string(
    "remove", help: "Id of a scheduled task to remove.", placeholder: "ID")

  static let declaration: Command = Command(
    "scheduled", group: "Stacks", summary: "View scheduled tasks", reading: .go,
    options: ServerConnection.options + [remove.declaration]
  ) { arguments in
    let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
    guard let text = arguments[remove], text != "-1" else {
      return await callOriginal { () throws(StackClientError) in
        let text = try await client.scheduled()
        guard let tasks = try? JSON(parsing: text).arrayValue else {
          throw StackClientError(.unexpectedAnswer, "\(client.address) gave something else than a list: \(text)")
        }
        for task in tasks { Console.writeForeign(line(task)) }
      }
    }
    guard let id = Int64(text) else {
      Console.writeError("invalid value \"\(text)\" for flag -remove: parse error\n")
      return ExitCode.usage
    }
    return await callOriginal { () throws(StackClientError) in
      Console.writeForeign(try await client.removeScheduled(id) + "\n")
    }
  }

  private static func line(_ task: JSON) -> String {
    let (id, name) = (task["id"]?.intValue ?? 0, task["name"]?.stringValue ?? "")
    let (start, schedule) = (task["startTime"]?.stringValue ?? "", task["timeSchedule"]?.stringValue ?? "")
    return "[\(id)] \(name)\n\tstart: '\(start)'\n\tschedule: '\(schedule)'\n"
  }
}
