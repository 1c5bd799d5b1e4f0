import Concurrency
import Glibc

/// Holds a thread (not a task) until it is opened.
final class Gate: Sendable {
  private let isOpen = Locked(false)

  func open() {
    isOpen.withLock { $0 = true }
  }

  func waitUntilOpen() {
    while !isOpen.withLock({ $0 }) { sched_yield() }
  }
}
