import Concurrency
import Glibc

/// Ends this very process with SIGKILL at a numbered point: a write, an effect or the end of one; questions are not
/// counted, since dying at one is dying after the write before it.
package final class KillingGate: FaultGate {
  private let number: Int?
  private let record: Int32
  private let count = Locked(0)

  /// - Parameters:
  ///   - number: the point, from 1; nil for never.
  ///   - record: a file that is told of every point as it is reached, one line each.
  package init(killAt number: Int?, record: String) {
    self.number = number
    self.record = open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  }

  package func pass(_ point: FaultPoint) async -> Fault? {
    guard point.kind != .look else { return nil }
    count.withLock { count in
      count += 1
      let line = Array("\(count) \(point)\n".utf8)
      _ = write(record, line, line.count)
      guard count == number else { return }
      kill(getpid(), SIGKILL)
      while true { pause() }
    }
    return nil
  }
}
