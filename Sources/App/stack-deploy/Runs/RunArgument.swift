import Arguments
import StackAPI
import StackClient

/// The number of a run on a command line.
enum RunArgument {
  static func required(_ help: String = "The run's number.") -> Positional<String> {
    .required("RUN", help: help, missingMessage: "which run? Its number stands in: stack-deploy runs")
  }

  /// The number in a text, or a sentence for people.
  static func number(_ text: String) throws(StackClientError) -> Int64 {
    guard let number = Int64(text), number > 0 else {
      throw StackClientError(.invalidRequest, "\"\(text)\" is no run's number: stack-deploy runs shows them")
    }
    return number
  }

  /// The most recent run.
  static func latest(_ client: StackClient) async throws(StackClientError) -> Int64 {
    var query = StackClient.RunQuery()
    query.limit = 1
    guard let run = try await client.runs(query).runs.first else {
      throw StackClientError(.invalidRequest, "there are no runs yet: stack-deploy run NAME starts one")
    }
    return run.id
  }
}

/// What every command about runs does: call the server, and say on standard error why that failed.
func callServer(
  _ arguments: ParsedArguments, _ body: (StackClient) async throws(StackClientError) -> Int32
) async -> Int32 {
  let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
  do throws(StackClientError) {
    return try await body(client)
  } catch {
    Console.writeError("ERROR: \(TerminalText.text("\(error)"))\n")
    return ExitCode.failure
  }
}
