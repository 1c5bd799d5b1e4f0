import Processes
import Testing

@testable import stack_deploy

/// The program on a terminal, which `script` gives it.
struct TerminalTests {
  private func show(
    _ command: String, _ server: LocalServer, columns: Int, rows: Int, environment: [String: String]
  ) async throws -> (screen: Screen, written: String) {
    var program = server.client
    program.environment.merge(environment) { $1 }
    let result = try await program.shell(
      "script -qefc 'stty cols \(columns) rows \(rows) -onlcr; stack-deploy \(command)' typescript > /dev/null < /dev/null"
    )
    #expect(result.status == .exited(0), "\(result)")
    // The first and the last line are script's own.
    let lines = server.folder.read("typescript").split(separator: "\n", omittingEmptySubsequences: false)
    let written = lines.dropFirst().prefix { !$0.hasPrefix("Script done") }.joined(separator: "\n")
    var screen = Screen(columns: columns, rows: rows)
    screen.write(written)
    return (screen, written)
  }

  @Test func aRunIsATreeThatFitsTheTerminal() async throws {
    try await LocalServer.with { server in
      var stack = "name: many\napplications:\n"
      for number in 1...12 {
        stack += """
            a\(number):
              type: service
              id: many-application-\(number)
              cpu: 0.01
              mem: 4
              launch_command: sleep 1000
              after_scheduler: ["sleep 0.\(number)"]
              dependencies: \(number > 4 ? "[many-application-\(number - 4)]" : "[]")

          """
      }
      try server.folder.write(stack, to: "many.yaml")
      try #require(try await server.client("add", "--file", "many.yaml").status == .exited(0))

      let (screen, written) = try await show(
        "run many", server, columns: 40, rows: 10, environment: ["TERM": "xterm", "NO_COLOR": "1"])
      #expect(written.contains("… ") && written.contains(" more: "), "\(written)")
      #expect(!written.contains("\u{1B}[32m"))
      // Nothing is left of the earlier drawings, and the last one is whole.
      let lines = screen.scrolledOut + screen.lines
      #expect(lines.first == "Running stack many", "\(lines)")
      #expect(lines.filter { $0.hasPrefix("run 1  many  succeeded") }.count == 1, "\(lines)")
      #expect(lines.filter { $0.contains("─ ✔ many-application") }.count == 12, "\(lines)")
      #expect(!lines.contains { $0.contains("more:") || $0.contains("●") }, "\(lines)")
      #expect(lines.last?.hasPrefix("Done in ") == true, "\(lines)")

      let coloured = try await show("status 1", server, columns: 80, rows: 24, environment: ["TERM": "xterm"])
      #expect(coloured.written.contains("\u{1B}[32m✔"))
      let dumb = try await show("run many", server, columns: 80, rows: 24, environment: ["TERM": "dumb"])
      #expect(!dumb.written.contains("\u{1B}"), "\(dumb.written)")
      #expect(dumb.written.contains("many-application-12  done"))
    }
  }
}
