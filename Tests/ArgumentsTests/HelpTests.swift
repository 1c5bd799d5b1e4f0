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
          stop    Stop

        'stack-deploy COMMAND --help' tells more of a command.

        """)
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
