import Arguments
import StackAPI
import StackClient

/// `list`: names of stacks and layers.
enum ListCommand {
  static let declaration: Command = Command(
    "list", group: "Stacks", summary: "List stacks", reading: .go, options: ServerConnection.options
  ) { arguments in
    await callOriginal(prefix: "ERROR getting list: ") { () throws(StackClientError) in
      let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
      let names = try await client.stacks().map(\.name)
      Console.writeForeign(names.joined(separator: "\n") + "\n")
    }
  }
}
