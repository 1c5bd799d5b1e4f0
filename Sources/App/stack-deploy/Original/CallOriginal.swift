import StackClient

/// What the original's commands do with a failure: on standard output, exit code 1.
func callOriginal(prefix: String = "ERROR: ", _ body: () async throws(StackClientError) -> Void) async -> Int32 {
  do throws(StackClientError) {
    try await body()
    return ExitCode.success
  } catch {
    Console.write("\(prefix)\(TerminalText.text("\(error)"))\n")
    return ExitCode.failure
  }
}
