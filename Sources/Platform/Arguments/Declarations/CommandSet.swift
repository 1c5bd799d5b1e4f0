/// A program's commands.
package struct CommandSet: Sendable {
  package let program: String
  package let summary: String
  package let commands: [Command]

  package init(program: String, summary: String, commands: [Command]) {
    self.program = program
    self.summary = summary
    self.commands = commands
  }

  package func command(named name: String) -> Command? { commands.first { $0.name == name } }
}
