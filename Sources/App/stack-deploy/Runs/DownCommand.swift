import Arguments
import Crypto
import StackAPI
import StackClient

/// `down STACK`: destroys what a stack has deployed, dependents first.
enum DownCommand {
  private static let stack = Positional<String>.required(
    "STACK", help: "The stack.", missingMessage: "which stack is to go down?")
  private static let zone = Option<String?>.string("zone", help: "Zone that it was run in.", placeholder: "NAME")
  private static let maxWait = Option<Int?>.integer(
    "max.wait", help: "Seconds that each application may take to end.", in: 0...Int.max)

  static let declaration: Command = Command(
    "down", group: "Stacks", summary: "Destroy what a stack has deployed, dependents first",
    discussion: "The stack itself stays stored. What other stacks or people have deployed is left alone.",
    positionals: [stack.declaration],
    options: ServerConnection.options + [zone.declaration, maxWait.declaration]
  ) { arguments in
    await callServer(arguments) { client throws(StackClientError) in
      let request = APIDownRequest(zone: arguments[zone], maxWait: arguments[maxWait].map(Double.init))
      let isLive = Terminal.canRedraw && !arguments[ServerConnection.debug]
      let view = RunView(
        client: client, run: try await client.down(arguments[stack], request, key: SecureRandom.uuid()), isLive: isLive)
      switch try await view.watch() {
      case .detached:
        Console.writeError(view.howToComeBack)
        return ExitCode.interrupted
      case .over(let status) where status.run.state == "succeeded":
        Console.write("Stack \(arguments[stack]) is down\n")
        return ExitCode.success
      case .over(let status):
        let lines = status.failure.map(RunTree.explain) ?? ["the run was \(status.run.state)"]
        Console.writeError("ERROR: \(lines.joined(separator: "\n"))\n")
        return ExitCode.failure
      }
    }
  }
}
