import Arguments
import StackClient

/// `ping`: whether the server answers.
enum PingCommand {
  static let declaration: Command = Command(
    "ping", group: "Server", summary: "Ping stack-deploy server", reading: .go, options: ServerConnection.options
  ) { arguments in
    await callOriginal { () throws(StackClientError) in
      try await ServerConnection(arguments).client(debug: arguments[ServerConnection.debug]).ping()
      Console.write("Pong\n")
    }
  }
}
