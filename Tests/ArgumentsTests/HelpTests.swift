import Arguments
import Testing

struct HelpTests {
  @Test func theProgramListsItsCommandsUnderHeadings() {
    #expect(
      Fixture.commands.help == """
        Deploys stacks.

        Usage: stack-deploy COMMAND [ARGUMENTS] [FLAGS]

        Stacks:
          run     Run a stack
          add     Add a stack

        Runs:
          status  Show a run
          look    Look
          stop    Stop

        'stack-deploy COMMAND --help' tells more of a command.

        """)
  }

  @Test func longTextsAreBrokenBetweenWords() throws {
    let option = Option<String>.string(
      "flag", help: String(repeating: "words ", count: 15) + "end.", placeholder: "X", default: "")
    let command = Command(
      "c", group: "", summary: "S", discussion: String(repeating: "some ", count: 17) + "end.\n  as it is",
      options: [option.declaration]
    ) { _ in 0 }
    let help = CommandSet(program: "p", summary: "", commands: [command]).help(of: command)
    #expect(help.contains("\n" + String(repeating: "some ", count: 15) + "some\nsome end.\n  as it is\n"), "\(help)")
    #expect(
      help.hasSuffix(
        "  --flag X  " + String(repeating: "words ", count: 10) + "words\n" + String(repeating: " ", count: 12)
          + "words words words words end.\n"), "\(help)")
  }

  @Test func aCommandTellsItsArgumentsAndFlags() throws {
    #expect(
      try Fixture.help("status", "--help")
        == """
        Show a run

        Usage: stack-deploy status RUN [APPLICATION] [FLAGS]

        Arguments:
          RUN          Id of the run.
          APPLICATION  Only this one.

        Flags:
          --output, -o table|json|yaml  Form of the output. (default table)
          --follow, -f                  Go on.
          --lock-wait DURATION          How long. (default 5m)

        """)
  }
}
