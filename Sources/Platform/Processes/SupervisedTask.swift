import Concurrency
import Glibc

/// A program under `task-supervisor`: whatever it starts, sessions of its own included, ends with it, with `terminate`, and with this
/// process, even when this process is killed. It goes on when this object is dropped.
package final class SupervisedTask: Sendable {
  package struct Specification: Sendable {
    /// A path, or a name that is looked for in the task's `PATH`.
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: String
    /// Files that the output is appended to; `nil`: nowhere.
    package var standardOutput: String?
    package var standardError: String?
    /// Bytes that each of the two files may have. What is more is cut out of the middle.
    package var outputLimit: Int
    /// Between SIGTERM and SIGKILL.
    package var killGrace: Duration
    /// Whose rights the task gets; needs to be root. `nil`: ours.
    package var user: String?

    package init(
      executable: String, arguments: [String], environment: [String: String], workingDirectory: String,
      standardOutput: String? = nil, standardError: String? = nil, outputLimit: Int = 64 * 1024 * 1024,
      killGrace: Duration = .seconds(3), user: String? = nil
    ) {
      self.executable = executable
      self.arguments = arguments
      self.environment = environment
      self.workingDirectory = workingDirectory
      self.standardOutput = standardOutput
      self.standardError = standardError
      self.outputLimit = outputLimit
      self.killGrace = killGrace
      self.user = user
    }
  }

  /// The program's process, which leads a session and a process group.
  package let pid: Int32
  /// The supervisor's process.
  package var supervisorPID: Int32 { supervisor.pid }

  private let supervisor: RunningProcess
  private let stream: SupervisorStream

  private init(pid: Int32, supervisor: RunningProcess, stream: SupervisorStream) {
    self.pid = pid
    self.supervisor = supervisor
    self.stream = stream
  }

  /// Returns once the program runs.
  /// - Throws: `notExecutable` with the supervisor's reason when the program cannot be started.
  package static func start(_ specification: Specification) async throws(ProcessError) -> SupervisedTask {
    let (ours, theirs) = try Descriptor.streamPair()
    var arguments = ["--control", "3"]
    arguments += SupervisorOptions.common(
      standardOutput: specification.standardOutput, standardError: specification.standardError,
      outputLimit: specification.outputLimit, killGrace: specification.killGrace, user: specification.user)
    let supervisor = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: HelperLocation.find("task-supervisor"),
        arguments: arguments + ["--", specification.executable] + specification.arguments,
        environment: specification.environment, workingDirectory: specification.workingDirectory,
        output: .null, error: .null, descriptors: [3: theirs.number]))
    let stream = try SupervisorStream(ours)
    switch await stream.started.value() {
    case .pid(let pid): return SupervisedTask(pid: pid, supervisor: supervisor, stream: stream)
    case .failed(let reason): throw ProcessError(.notExecutable, reason)
    case .streamEnded:
      let status = await supervisor.exitStatus()
      throw ProcessError(.supervisorFailed, "task-supervisor ended before its program ran (\(status))")
    }
  }

  /// The program's own end. What it left behind may still be ending: see `ended`.
  /// A supervisor that was killed gives `.signalled(9)`, because its program dies with it.
  package func exitStatus() async -> ExitStatus { await stream.ended.value() }

  /// `nil` while the program runs.
  package var currentExitStatus: ExitStatus? { stream.ended.current }

  /// Returns when neither the program nor any of its descendants is left.
  package func ended() async {
    let status = await supervisor.exitStatus()
    // A killed supervisor leaves orphans. Where they fall to us they are ended here.
    if case .signalled = status { await ProcessReactor.shared.endOrphansIfSubreaper() }
  }

  /// Ends the program and all its descendants: SIGTERM, and SIGKILL after the grace. Returns at once.
  package func terminate() { stream.send("term\n") }

  /// As if this process had died: SIGTERM to all, SIGKILL after half a second at most. Returns at once.
  package func abandon() { stream.hangUp() }
}

enum SupervisorOptions {
  static func common(
    standardOutput: String?, standardError: String?, outputLimit: Int, killGrace: Duration, user: String?
  ) -> [String] {
    var options = [
      "--kill-grace", String(killGrace.wholeMilliseconds), "--limit", String(outputLimit),
      "--stdout", standardOutput ?? "/dev/null", "--stderr", standardError ?? "/dev/null",
    ]
    if let user { options += ["--user", user] }
    return options
  }
}
