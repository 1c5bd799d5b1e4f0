import Concurrency
import Telemetry

/// Ends a cluster that nobody needs any more: when for `timeout` no server has held the folder's lease.
struct LeaseWatch: Sendable {
  let folder: ClusterFolder
  let timeout: Duration
  let logger: Logger

  func run(_ stop: AsyncSignal) async {
    let time = SystemTime()
    let pause = min(.seconds(2), max(timeout / 4, .milliseconds(50)))
    var lastHeld = time.uptime()
    while true {
      do { try await time.sleep(for: pause) } catch { return }
      if isHeld { lastHeld = time.uptime() }
      if time.uptime() - lastHeld >= timeout {
        logger.info("no server has needed the cluster for a while: ending", ["seconds": timeout.components.seconds])
        stop.fire()
        return
      }
    }
  }

  /// The lock is taken for no longer than it takes to see that it can be.
  private var isHeld: Bool {
    guard let lock = try? FolderLock.take(folder.lease, .exclusive) else { return true }
    withExtendedLifetime(lock) {}
    return false
  }
}
