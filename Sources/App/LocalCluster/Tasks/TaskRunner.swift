import Concurrency
import Glibc
import Processes

/// Runs tasks as processes, each under a supervisor of its own.
final class TaskRunner: Sendable {
  /// What a task is at, as far as ending it is concerned.
  private enum Phase {
    case preparing(AsyncSignal)
    case running(SupervisedTask)
  }

  private struct State {
    var tasks: [String: Phase] = [:]
    /// Ended before they were launched here.
    var ended: Set<String> = []
    var isStopping = false
  }

  private let sandboxes: Sandboxes
  private let fetcher: ArtifactFetcher
  private let inherited: [String: String]
  /// Bytes that each of `stdout` and `stderr` may have.
  private let outputLimit: Int
  private let state = Locked(State())

  init(sandboxes: Sandboxes, fetcher: ArtifactFetcher, inherited: [String: String], outputLimit: Int) {
    self.sandboxes = sandboxes
    self.fetcher = fetcher
    self.inherited = inherited
    self.outputLimit = outputLimit
  }

  /// Runs one task from its sandbox to the end of its last process, and tells of each step.
  func run(_ launch: TaskLaunch, tell: (ClusterEvent) -> Void) async {
    let stop = AsyncSignal()
    let begins = state.withLock { state -> Bool in
      guard !state.isStopping, state.ended.remove(launch.taskId) == nil else { return false }
      state.tasks[launch.taskId] = .preparing(stop)
      return true
    }
    guard begins else {
      tell(.taskEnded(taskId: launch.taskId, TaskEnd(.notStarted("Command was ended before it started"))))
      return
    }
    tell(.taskStarting(taskId: launch.taskId))
    let end = await process(launch, stop, tell: tell)
    state.withLock { $0.tasks[launch.taskId] = nil }
    sandboxes.finish(launch.taskId)
    tell(.taskEnded(taskId: launch.taskId, end))
  }

  private func process(_ launch: TaskLaunch, _ stop: AsyncSignal, tell: (ClusterEvent) -> Void) async -> TaskEnd {
    let task: SupervisedTask
    do {
      let sandbox = try sandboxes.create(launch)
      let specification = try specification(launch, sandbox)
      try await fetchAll(launch, into: sandbox, stop)
      if let user = specification.user { try Self.giveAway(sandbox, to: user) }
      task = try await SupervisedTask.start(specification)
    } catch {
      return TaskEnd(.notStarted("\(error)"))
    }
    let isWanted = state.withLock { state -> Bool in
      state.tasks[launch.taskId] = .running(task)
      return !stop.isFired
    }
    tell(.taskRunning(taskId: launch.taskId))
    if !isWanted { task.terminate() }
    let status = await task.exitStatus()
    // Ports and files are free only when what it started is gone too.
    await task.ended()
    return TaskEnd(status)
  }

  /// Fetches until all is there or the task is to end.
  private func fetchAll(_ launch: TaskLaunch, into sandbox: String, _ stop: AsyncSignal) async throws {
    guard !launch.app.fetch.isEmpty else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [fetcher] in
        for file in launch.app.fetch { try await fetcher.fetch(file, into: sandbox) }
      }
      group.addTask {
        try await stop.wait()
        throw FetchFault(description: "Command was ended while its files were fetched")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func specification(
    _ launch: TaskLaunch, _ sandbox: String
  ) throws(FetchFault) -> SupervisedTask.Specification {
    let app = launch.app
    let command: (executable: String, arguments: [String])
    if let cmd = app.cmd {
      command = ("/bin/sh", ["-c", cmd])
    } else if let first = app.args.first, app.container?.docker == nil {
      command = (first, Array(app.args.dropFirst()))
    } else {
      let image = app.container?.docker.map { "the image \($0.image)" } ?? "its container"
      throw FetchFault(
        description: "This cluster runs commands as plain processes and makes no containers: "
          + "\(image) cannot be run; give the application a cmd that works without it")
    }
    return SupervisedTask.Specification(
      executable: command.executable, arguments: command.arguments,
      environment: TaskEnvironment.make(launch, sandbox: sandbox, inherited: inherited), workingDirectory: sandbox,
      standardOutput: "\(sandbox)/stdout", standardError: "\(sandbox)/stderr", outputLimit: outputLimit,
      killGrace: app.killGracePeriod,
      // Only root can give a task to somebody else.
      user: geteuid() == 0 && app.user != "root" ? app.user : nil)
  }

  private static func giveAway(_ sandbox: String, to user: String) throws(FetchFault) {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16 * 1024)
    guard getpwnam_r(user, &record, &buffer, buffer.count, &found) == 0, found != nil else {
      throw FetchFault(description: "Command cannot be run as '\(user)': this machine has no such user")
    }
    chown(sandbox, record.pw_uid, record.pw_gid)
    for name in Files.names(in: sandbox) { lchown("\(sandbox)/\(name)", record.pw_uid, record.pw_gid) }
  }

  /// Ends a task: SIGTERM, after its grace SIGKILL, to it and everything it has started.
  func end(_ taskId: String) {
    let phase = state.withLock { state -> Phase? in
      guard let phase = state.tasks[taskId] else {
        state.ended.insert(taskId)
        return nil
      }
      if case .preparing(let stop) = phase { stop.fire() }
      return phase
    }
    if case .running(let task) = phase { task.terminate() }
  }

  /// Ends all tasks and starts no more.
  func stopAll() {
    let ids = state.withLock { state in
      state.isStopping = true
      return Array(state.tasks.keys)
    }
    for id in ids { end(id) }
  }

  /// The environment and folder of a running task, for a check that runs beside it.
  func isRunning(_ taskId: String) -> Bool {
    state.withLock { state in
      if case .running = state.tasks[taskId] { true } else { false }
    }
  }
}

extension TaskEnd {
  init(_ status: ExitStatus) {
    let outcome: Outcome =
      switch status {
      case .exited(let code): .exited(code)
      case .signalled(let number): .signalled(Self.signalNames[number] ?? "Unknown signal \(number)")
      }
    self.init(outcome)
  }

  /// As strsignal(3) names them, which is how Mesos does.
  private static let signalNames: [Int32: String] = [
    1: "Hangup", 2: "Interrupt", 3: "Quit", 4: "Illegal instruction", 6: "Aborted", 7: "Bus error",
    8: "Floating point exception", 9: "Killed", 11: "Segmentation fault", 13: "Broken pipe", 14: "Alarm clock",
    15: "Terminated",
  ]
}
