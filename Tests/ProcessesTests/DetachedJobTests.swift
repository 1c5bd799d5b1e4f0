import Concurrency
import Glibc
import Testing

@testable import Processes

struct DetachedJobTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func start(_ script: String, killGrace: Duration = .seconds(20)) async throws -> DetachedJob {
    try await DetachedJob.start(
      DetachedJob.Specification(
        executable: "sh", arguments: ["-c", script], environment: searchPath, workingDirectory: folder.path,
        killGrace: killGrace), in: folder.path)
  }

  private func supervisor(_ job: DetachedJob) throws -> Int32 {
    guard case .running(let pid?) = job.state() else {
      throw ProcessError(.system, "the job does not run: \(job.state())")
    }
    return pid
  }

  @Test func theStatusAndTheOutputOutliveTheJob() async throws {
    let job = try await start("echo out; echo err >&2; exit 3")
    #expect(try await job.wait() == .finished(.exited(3)))
    #expect(DetachedJob.state(of: folder.path) == .finished(.exited(3)))
    #expect(folder.text("stdout") == "out\n")
    #expect(folder.text("stderr") == "err\n")
    #expect(folder.text("status") == "exited 3\n")
  }

  @Test func whoKnowsOnlyTheFolderCanWait() async throws {
    _ = try await start("while [ ! -e go ]; do sleep 0.01; done; kill -TERM $$")
    let found = DetachedJob(folder: folder.path)
    let supervisor = try supervisor(found)
    #expect(lives(supervisor))
    #expect(getpgid(supervisor) == supervisor)  // a session of its own: no signal of our terminal reaches it
    async let state = found.wait()
    close(open("\(folder.path)/go", O_CREAT | O_WRONLY, 0o600))
    #expect(try await state == .finished(.signalled(SIGTERM)))
  }

  /// A shell starts a supervisor as a server does, and is killed.
  @Test func theJobSurvivesAKilledStarter() async throws {
    let script = """
      exec 3>>lock; flock 3
      setsid "$HELPER" --detached --lock 3 --status "$PWD/status" --stdout "$PWD/stdout" --stderr "$PWD/stderr" \
        -- sh -c 'while [ ! -e go ]; do sleep 0.01; done; echo done' &
      exec 3>&-
      wait
      """
    let starter = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: "sh", arguments: ["-c", script],
        environment: searchPath.merging(["HELPER": HelperLocation.find("task-supervisor")]) { $1 },
        workingDirectory: folder.path))
    let job = DetachedJob(folder: folder.path)
    #expect(try await eventually { (try? supervisor(job)) != nil })
    starter.signalGroup(SIGKILL)
    #expect(await starter.exitStatus() == .signalled(SIGKILL))
    _ = try supervisor(job)
    close(open("\(folder.path)/go", O_CREAT | O_WRONLY, 0o600))
    #expect(try await job.wait() == .finished(.exited(0)))
    #expect(folder.text("stdout") == "done\n")
  }

  @Test func cancelEndsSessionsToo() async throws {
    let job = try await start(
      "echo $$ >> pids; (setsid sh -c 'echo $$ >> pids; trap \"\" TERM; while :; do sleep 600; done' &); sleep 600",
      killGrace: .milliseconds(100))
    #expect(try await eventually { pids(folder.text("pids")).count == 2 })
    job.cancel()
    #expect(try await job.wait() == .finished(.cancelled))
    for pid in pids(folder.text("pids")) { #expect(!lives(pid)) }
    job.cancel()  // nobody
  }

  @Test func theProgramsEndIsTheEndThoughItsBackgroundStillWrites() async throws {
    let job = try await start("(while [ ! -e go ]; do sleep 0.01; done; echo late) & echo early")
    #expect(try await job.wait() == .finished(.exited(0)))
    #expect(folder.text("stdout") == "early\n")
    close(open("\(folder.path)/go", O_CREAT | O_WRONLY, 0o600))
    #expect(try await eventually { folder.text("stdout") == "early\nlate\n" })
  }

  @Test func theLockIsTheSupervisorsAlone() async throws {
    let job = try await start("sleep 600 & echo $! > pids")
    #expect(try await job.wait() == .finished(.exited(0)))
    let background = try #require(pids(folder.text("pids")).first)
    #expect(lives(background))
    let lock = try Descriptor.open(job.lockPath, O_RDWR)
    // The supervisor ends a moment after it has told the end.
    #expect(try await eventually { flock(lock.number, LOCK_EX | LOCK_NB) == 0 })
    #expect(lives(background))
    kill(background, SIGKILL)
  }

  @Test func aKilledSupervisorLeavesTheEndInDoubtAndItsProgramDead() async throws {
    let job = try await start("echo $$ > pids; exec sleep 600")
    #expect(try await eventually { !pids(folder.text("pids")).isEmpty })
    kill(try supervisor(job), SIGKILL)
    #expect(try await job.wait() == .unknown)
    let program = try #require(pids(folder.text("pids")).first)
    #expect(try await eventually { !lives(program) })
  }

  @Test func aJobThatNeverBeganIsToldFromOneInDoubt() async throws {
    #expect(DetachedJob.state(of: folder.path) == .notStarted)
    close(open("\(folder.path)/lock", O_CREAT | O_WRONLY, 0o600))
    #expect(DetachedJob.state(of: folder.path) == .notStarted)
    let job = try await start("exit 0")
    #expect(try await job.wait() == .finished(.exited(0)))
  }

  @Test func aFolderTakesOneJob() async throws {
    let job = try await start("while [ ! -e go ]; do sleep 0.01; done")
    let running = await #expect(throws: ProcessError.self) { try await start("exit 0") }
    #expect(running?.code == .alreadyStarted)
    close(open("\(folder.path)/go", O_CREAT | O_WRONLY, 0o600))
    _ = try await job.wait()
    let finished = await #expect(throws: ProcessError.self) { try await start("exit 0") }
    #expect(finished?.code == .alreadyStarted)
  }

  @Test func aProgramThatCannotStartFailsWithTheReason() async throws {
    let job = try await DetachedJob.start(
      DetachedJob.Specification(executable: "/nonexistent/hook", arguments: [], environment: [:]), in: folder.path)
    let reason = "cannot execute the program: /nonexistent/hook: No such file or directory"
    #expect(try await job.wait() == .finished(.failed(reason)))
  }

  @Test func aCancelledWaitLeavesTheJobAlone() async throws {
    let job = try await start("exec sleep 600")
    let waiter = Task { try await job.wait() }  // a task of its own, because it is to be cancelled
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    _ = try supervisor(job)
    job.cancel()
    #expect(try await job.wait() == .finished(.cancelled))
  }
}
