import CPosix
import Concurrency
import Glibc

/// A program that outlives this process under `task-supervisor --detached`, with its traces in a folder of its own:
///
/// - `lock`: locked (flock) from before the supervisor starts until the status is in place, by the supervisor alone; holds its process id
///   from before the program starts;
/// - `status`: one line, durable and whole, once the program has ended;
/// - `stdout`, `stderr`: its output, with limited size.
///
/// The program's end is the job's end: what it left in the background lives on, except after `cancel`. Any process that can read the
/// folder can ask for the state, wait and cancel.
package struct DetachedJob: Sendable {
  package struct Specification: Sendable {
    /// A path, or a name that is looked for in the job's `PATH`.
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: String?
    /// Bytes that each output file may have. What is more is cut out of the middle.
    package var outputLimit: Int
    /// Between SIGTERM and SIGKILL when the job is cancelled.
    package var killGrace: Duration
    /// Whose rights the program gets; needs to be root. `nil`: ours.
    package var user: String?

    package init(
      executable: String, arguments: [String], environment: [String: String], workingDirectory: String? = nil,
      outputLimit: Int = 1024 * 1024, killGrace: Duration = .seconds(3), user: String? = nil
    ) {
      self.executable = executable
      self.arguments = arguments
      self.environment = environment
      self.workingDirectory = workingDirectory
      self.outputLimit = outputLimit
      self.killGrace = killGrace
      self.user = user
    }
  }

  package let folder: String

  package var standardOutputPath: String { "\(folder)/stdout" }
  package var standardErrorPath: String { "\(folder)/stderr" }
  var lockPath: String { "\(folder)/lock" }
  var statusPath: String { "\(folder)/status" }

  /// A job of which the folder may know something already: see `state()`.
  package init(folder: String) { self.folder = folder }

  /// Starts a program and returns when it runs, or when the status says why it does not.
  /// - Parameter folder: exists, and holds no job that was started.
  /// - Throws: `alreadyStarted`; `system`, `helperMissing` or `supervisorFailed` when nothing was started.
  @discardableResult
  package static func start(
    _ specification: Specification, in folder: String
  ) async throws(ProcessError) -> DetachedJob {
    let job = DetachedJob(folder: folder)
    let (supervisor, ready) = try job.spawnSupervisor(specification)
    if await ready.value() { return job }
    let status = await supervisor.exitStatus()
    if case .finished = job.state() { return job }
    throw ProcessError(.supervisorFailed, "task-supervisor ended before its program ran (\(status)) in \(folder)")
  }

  private func spawnSupervisor(_ specification: Specification) throws(ProcessError) -> (RunningProcess, Promise<Bool>) {
    // Locked here and handed over: at no moment is a job under way without its lock.
    let lock = try Descriptor.open(lockPath, O_RDWR | O_CREAT, mode: 0o600)
    guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
      throw ProcessError(.alreadyStarted, "a job runs already in \(folder)")
    }
    guard readSmallFile(lockPath) == nil, access(statusPath, F_OK) != 0 else {
      throw ProcessError(.alreadyStarted, "a job was started before in \(folder)")
    }
    let (reading, writing) = try Descriptor.pipe()
    var arguments = ["--detached", "--lock", "3", "--ready", "4", "--status", statusPath]
    arguments += SupervisorOptions.common(
      standardOutput: standardOutputPath, standardError: standardErrorPath, outputLimit: specification.outputLimit,
      killGrace: specification.killGrace, user: specification.user)
    let supervisor = try ProcessReactor.shared.spawn(
      ProcessSpecification(
        executable: HelperLocation.find("task-supervisor"),
        arguments: arguments + ["--", specification.executable] + specification.arguments,
        environment: specification.environment, workingDirectory: specification.workingDirectory,
        output: .null, error: .null, descriptors: [3: lock.number, 4: writing.number]))
    return (supervisor, try Self.readiness(reading))
  }

  /// Whether the supervisor got so far as to say "ready".
  private static func readiness(_ pipe: Descriptor) throws(ProcessError) -> Promise<Bool> {
    pipe.setNonBlocking()
    let ready = Promise<Bool>()
    try EventLoop.shared.watch(pipe) {
      switch pipe.read() {
      case .nothingNow: return true
      case .bytes: ready.keep(true)
      case .end: ready.keep(false)
      }
      return false
    }
    return ready
  }
}
