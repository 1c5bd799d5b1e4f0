import Arguments
import StackAPI
import StackClient

/// `show NAME`: a stack with all that it inherits.
enum ShowCommand {
  private static let name = Positional<String>.required(
    "NAME", help: "The stack.", missingMessage: "Stack name required to show")
  private static let revision = Option<Int?>.integer(
    "revision", help: "Revision of the stack; the latest if not given.", in: 1...Int.max)
  private static let source = Option<Bool>.flag("source", help: "The author's text instead, as it was added.")

  static let declaration: Command = Command(
    "show", group: "Stacks", summary: "Show stack", reading: .goAfterName, positionals: [name.declaration],
    options: ServerConnection.options + [revision.declaration, source.declaration]
  ) { arguments in
    await callOriginal { () throws(StackClientError) in
      let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
      if arguments[revision] == nil, !arguments[source] {
        Console.writeForeign(try await client.show(arguments[name]) + "\n")
        return
      }
      let document = try await client.stack(arguments[name], revision: arguments[revision], merged: !arguments[source])
      Console.writeForeign(arguments[source] ? document.source : document.yaml + "\n")
    }
  }
}
