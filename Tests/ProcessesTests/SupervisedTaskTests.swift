import Glibc
import Testing

@testable import Processes

struct SupervisedTaskTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func start(
    _ script: String, killGrace: Duration = .seconds(20), outputLimit: Int = 1_000_000
  ) async throws -> SupervisedTask {
    try await SupervisedTask.start(
      SupervisedTask.Specification(
        executable: "sh", arguments: ["-c", script], environment: searchPath, workingDirectory: folder.path,
        standardOutput: "\(folder.path)/stdout", standardError: "\(folder.path)/stderr", outputLimit: outputLimit,
        killGrace: killGrace))
  }

  /// A child, a session of its own, and a double fork: all sleep, and write their process ids.
  private static let family = """
    sleep 600 & echo $! >> pids
    setsid sh -c 'echo $$ >> pids; exec sleep 600' &
    (setsid sh -c 'echo $$ >> pids; sleep 600 & echo $! >> pids; wait' &)
    while [ $(wc -l < pids) -lt 4 ]; do sleep 0.01; done
    echo ready
    """

  private func familyIsReady() async throws -> [Int32] {
    #expect(try await eventually { folder.text("stdout").contains("ready") })
    let pids = pids(folder.text("pids"))
    #expect(pids.count == 4)
    for pid in pids { #expect(lives(pid)) }
    return pids
  }

  @Test func theEndAndTheOutputAreReported() async throws {
    let task = try await start("echo out; echo err >&2; exit 3")
    #expect(await task.exitStatus() == .exited(3))
    #expect(folder.text("stdout") == "out\n")
    #expect(folder.text("stderr") == "err\n")
    await task.ended()
  }

  @Test func terminateEndsSessionsAndDoubleForks() async throws {
    let task = try await start(Self.family + "\nwait")
    let family = try await familyIsReady()
    task.terminate()
    #expect(await task.exitStatus() == .signalled(SIGTERM))
    await task.ended()
    for pid in family { #expect(!lives(pid)) }
  }

  @Test func whoIgnoresTheTermIsKilledAfterTheGrace() async throws {
    let task = try await start("trap '' TERM; echo ready; while :; do sleep 600; done", killGrace: .milliseconds(50))
    #expect(try await eventually { folder.text("stdout") == "ready\n" })
    task.terminate()
    #expect(await task.exitStatus() == .signalled(SIGKILL))
    await task.ended()
  }

  @Test func whatAProgramLeavesBehindEndsWithIt() async throws {
    let task = try await start(Self.family + "\nwhile [ ! -e go ]; do sleep 0.01; done")
    let family = try await familyIsReady()
    close(open("\(folder.path)/go", O_CREAT | O_WRONLY, 0o600))
    #expect(await task.exitStatus() == .exited(0))
    await task.ended()
    for pid in family { #expect(!lives(pid)) }
  }

  @Test func aProgramThatForksAllTheTimeEnds() async throws {
    let script =
      "n=0; while [ $n -lt 300 ]; do (setsid sh -c \"trap '' TERM; sleep 600\" &); n=$((n+1)); done; sleep 600"
    let task = try await start(script, killGrace: .zero)
    try await Task.sleep(for: .milliseconds(30))  // into the middle of the forking; any moment is a valid one
    task.terminate()
    await task.ended()
    #expect(ProcessTable().descendants(of: task.supervisorPID).isEmpty)
  }

  @Test func allEndWhenNobodyIsAtTheStreamAnyMore() async throws {
    let task = try await start(Self.family + "\nwait")
    let family = try await familyIsReady()
    task.abandon()
    await task.ended()
    for pid in family { #expect(!lives(pid)) }
  }

  /// In a process of its own: a subreaper ends orphans, and other tests leave some on purpose.
  @Test func aKilledSupervisorLeavesOrphansThatTheSubreaperEnds() async throws {
    await #expect(processExitsWith: .success) {
      let tests = try SupervisedTaskTests()
      try ProcessReactor.shared.becomeSubreaper()
      let other = try await tests.start("exec sleep 600")
      let task = try await tests.start(Self.family + "\nwait")
      let family = try await tests.familyIsReady()
      kill(task.supervisorPID, SIGKILL)
      #expect(await task.exitStatus() == .signalled(SIGKILL))
      await task.ended()
      for pid in family + [task.pid] { #expect(!lives(pid)) }
      #expect(lives(other.pid))
      await ProcessReactor.shared.endAllDescendants()
      #expect(await other.exitStatus() == .signalled(SIGKILL))
    }
  }

  @Test func theStreamIsNotTheTasks() async throws {
    let task = try await start("exec ls /proc/self/fd")
    #expect(await task.exitStatus() == .exited(0))
    #expect(folder.text("stdout").split(separator: "\n") == ["0", "1", "2", "3"])
  }

  @Test func longOutputKeepsHeadAndTail() async throws {
    let task = try await start("seq 1 100000", outputLimit: 4000)
    #expect(await task.exitStatus() == .exited(0))
    let text = folder.text("stdout")
    #expect(text.hasPrefix("1\n2\n3\n"))
    #expect(text.hasSuffix("\n99999\n100000\n"))
    #expect(text.contains("[output was cut here: 584895 bytes are missing]"))
    #expect(text.utf8.count == 4000 + "\n[output was cut here: 584895 bytes are missing]\n".utf8.count)
  }

  @Test func outputIsAppendedToWhatTheFileHolds() async throws {
    _ = try await start("echo one").exitStatus()
    _ = try await start("echo two").exitStatus()
    #expect(folder.text("stdout") == "one\ntwo\n")
  }

  @Test func aProgramThatCannotStartIsAnErrorWithTheReason() async throws {
    let error = await #expect(throws: ProcessError.self) {
      try await SupervisedTask.start(
        SupervisedTask.Specification(
          executable: "/nonexistent/program", arguments: [], environment: [:], workingDirectory: folder.path))
    }
    #expect(error?.code == .notExecutable)
    #expect(error?.description == "cannot execute the program: /nonexistent/program: No such file or directory")
    let user = await #expect(throws: ProcessError.self) {
      try await SupervisedTask.start(
        SupervisedTask.Specification(
          executable: "/bin/true", arguments: [], environment: [:], workingDirectory: folder.path, user: "no-such-user")
      )
    }
    #expect(user?.description == "user 'no-such-user' is not known on this machine")
  }
}
