import CPosix
import Concurrency
import Glibc

/// A child process. Its end is collected even when nobody holds or awaits this object.
package final class RunningProcess: Sendable {
  package let pid: Int32
  private let pidfd: Descriptor
  private let end = Promise<ExitStatus>()
  /// Whether the child has been collected, after which its id may belong to a stranger.
  private let isCollected = Locked(false)
  /// nil where the child was gone before it could be asked for.
  private let cpuClock: clockid_t?

  init(pid: Int32, pidfd: Descriptor) {
    self.pid = pid
    self.pidfd = pidfd
    var clock = clockid_t()
    cpuClock = clock_getcpuclockid(pid, &clock) == 0 ? clock : nil
  }

  /// The end of the process. Cancelling the waiting task does not shorten the wait: end the process.
  package func exitStatus() async -> ExitStatus { await end.value() }

  /// `nil` while it runs.
  package var currentExitStatus: ExitStatus? { end.current }

  /// The CPU time that it has used so far, as the kernel counts it; `nil` once its end has been collected.
  package var cpuTime: Duration? {
    isCollected.withLock { isCollected in
      var time = timespec()
      guard !isCollected, let cpuClock, clock_gettime(cpuClock, &time) == 0 else { return nil }
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
  }

  /// Sends a signal to this process; does nothing once it has ended.
  package func signal(_ number: Int32) {
    _ = cposix_pidfd_signal(pidfd.number, number)
  }

  /// Sends a signal to the process group that this process leads. Does nothing once the process has ended.
  package func signalGroup(_ number: Int32) {
    isCollected.withLock { isCollected in
      if !isCollected { kill(-pid, number) }
    }
  }

  /// Collects the child if it has ended. Returns whether it has.
  func collect() -> Bool {
    var wasSignalled = false
    var value: Int32 = 0
    let result = isCollected.withLock { isCollected -> Int32 in
      let result = cposix_pidfd_reap(pidfd.number, &wasSignalled, &value)
      if result != 0 { isCollected = true }
      return result
    }
    if result == 0 { return false }
    // Collected behind our back (somebody waits for any child): how it ended is lost.
    if result < 0 { (wasSignalled, value) = (false, 255) }
    end.keep(wasSignalled ? .signalled(value) : .exited(value))
    return true
  }

  func watch(then ended: @escaping @Sendable (RunningProcess) -> Void) throws(ProcessError) {
    try EventLoop.shared.watch(pidfd) { [self] in
      guard collect() else { return true }
      ended(self)
      return false
    }
  }
}
