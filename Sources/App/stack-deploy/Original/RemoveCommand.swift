import Arguments
import StackClient

/// `remove NAME`: forgets a stack; what it has deployed stays.
enum RemoveCommand {
  private static let name = Positional<String>.required(
    "NAME", help: "The stack.", missingMessage: "Stack name required to remove")
  private static let force = Option<Bool>.flag("force", help: "Also remove the stacks that inherit from it.")
  private static let zone = Option<String>.string(
    "zone", help: "Accepted and not looked at, as in the original.", placeholder: "NAME", default: "")

  static let declaration: Command = Command(
    "remove", group: "Stacks", summary: "Remove existing stack",
    discussion:
      "What the stack has deployed stays; stack-deploy down ends it, before or after. The documents of its scripts are removed.",
    reading: .goAfterName, positionals: [name.declaration],
    options: ServerConnection.options + [force.declaration, zone.declaration]
  ) { arguments in
    let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
    Console.write("Removing stack \(arguments[name])\n")
    return await callOriginal { () throws(StackClientError) in
      try await client.remove(arguments[name], force: arguments[force])
      Console.write("Stack removed\n")
    }
  }
}
