import CPosix
import Concurrency
import Glibc

extension DetachedJob {
  /// How a job ended.
  package enum Status: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    /// By `cancel`: nothing of it is left.
    case cancelled
    /// It never ran; why.
    case failed(String)

    init?(line: String) {
      if let end = ExitStatus(supervisorLine: line) {
        switch end {
        case .exited(let code): self = .exited(code)
        case .signalled(let number): self = .signalled(number)
        }
      } else if line == "cancelled" {
        self = .cancelled
      } else if line.hasPrefix("failed ") {
        self = .failed(String(line.dropFirst("failed ".count)))
      } else {
        return nil
      }
    }
  }

  package enum State: Sendable, Hashable {
    /// With its supervisor's process id, which is missing for the moment in which that starts.
    case running(Int32?)
    case finished(Status)
    /// It was started, its supervisor is gone (killed, or the machine went down), and how far it came is in doubt.
    case unknown
    /// Proven not to have begun: whoever was to start it ended before. It may be started now.
    case notStarted
  }

  package static func state(of folder: String) -> State { DetachedJob(folder: folder).state() }

  package func state() -> State {
    // The lock first: it goes only after the status has come.
    let isLocked = isLocked()
    if let line = readSmallFile(statusPath)?.split(separator: "\n").first, let status = Status(line: String(line)) {
      return .finished(status)
    }
    let pid = supervisorPID()
    if isLocked { return .running(pid) }
    return pid == nil ? .notStarted : .unknown
  }

  private func isLocked() -> Bool {
    let number = open(lockPath, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    let file = Descriptor(owning: number)
    // Closing the file gives the lock back in the same moment. A shared lock, so that two who ask do not mistake each other for the job.
    return flock(file.number, LOCK_SH | LOCK_NB) != 0
  }

  /// The process id that the supervisor wrote before it started the program.
  private func supervisorPID() -> Int32? {
    readSmallFile(lockPath)?.split(separator: "\n").first.flatMap { Int32($0) }
  }

  /// A pidfd of the supervisor, if the job runs.
  private func supervisor() -> Descriptor? {
    guard case .running(let pid?) = state() else { return nil }
    let pidfd = cposix_pidfd_open(pid)
    guard pidfd >= 0 else { return nil }
    let held = Descriptor(owning: pidfd)
    // The supervisor alone holds the lock, so the process that is held is still the one that signed it.
    guard case .running(pid) = state() else { return nil }
    return held
  }

  /// Waits for the end: the job's own, whoever started it.
  /// - Returns: a state that is not `running`.
  /// - Throws: `CancellationError` when the waiting task is cancelled, which does not cancel the job.
  package func wait() async throws -> State {
    while true {
      let state = state()
      guard case .running = state else { return state }
      if let supervisor = supervisor() {
        try await Self.end(of: supervisor)
      } else {
        // The supervisor has not signed the lock yet, or ends this moment: milliseconds.
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private static func end(of supervisor: Descriptor) async throws {
    let ended = AsyncSignal()
    let token = try EventLoop.shared.watch(supervisor) {
      ended.fire()
      return false
    }
    defer { EventLoop.shared.forget(token) }
    try await ended.wait()
  }

  /// Ends the program and all its descendants, background ones included: SIGTERM, SIGKILL after the grace. Returns at once; `wait`
  /// tells when nothing is left. Does nothing when the job does not run.
  package func cancel() {
    if let supervisor = supervisor() { _ = cposix_pidfd_signal(supervisor.number, SIGTERM) }
  }
}
