import Processes
import Testing

/// Where the program's output cannot go where it should.
struct ConsoleTests {
  private let program: Program

  init() throws { program = Program(in: try Folder()) }

  @Test(arguments: ["version", "completion bash"])
  func aFullDeviceIsAnError(command: String) async throws {
    let result = try await program.shell("stack-deploy \(command) > /dev/full")
    #expect(result.status == .exited(1), "\(result)")
    #expect(result.error == "cannot write to standard output: No space left on device\n")
  }

  @Test func aClosedOutputIsAnErrorAndNothingElseIsWrittenInto() async throws {
    let result = try await program.shell("stack-deploy version >&-; echo $?; stack-deploy version <&- 2>&-")
    #expect(result.output.hasPrefix("1\n0."), "\(result)")
    #expect(result.error == "cannot write to standard output: Bad file descriptor\n")
  }

  @Test func aReaderThatLeavesEndsItQuietly() async throws {
    // A pipe holds 64 KiB: the script is longer only when it is printed again and again.
    let result = try await program.shell(
      """
      set -o pipefail
      (for i in 1 2 3 4 5 6 7 8 9; do stack-deploy completion bash || exit; done) | head -1
      trap '' PIPE; (sleep 0.2; stack-deploy version; echo $? > status) | true
      cat status
      """)
    #expect(result.error == "", "\(result)")
    #expect(result.output.split(separator: "\n").last == "141", "\(result)")
  }

  @Test func helpThatNobodyReadsIsNoFailure() async throws {
    let result = try await program.shell("stack-deploy run --help 2> /dev/full; stack-deploy run --help 2>&-")
    #expect(result.status == .exited(0), "\(result)")
  }
}
