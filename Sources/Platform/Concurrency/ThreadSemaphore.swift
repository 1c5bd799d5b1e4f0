import Glibc

/// A POSIX semaphore: what a thread of ours sleeps on. Tasks use `AsyncSemaphore`.
///
/// Why `@unchecked Sendable` holds: the pointer never changes, `sem_post`, `sem_wait` and `sem_trywait` are made for use
/// by several threads, and the memory goes only when nobody holds this object any more.
package final class ThreadSemaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    semaphore.initialize(to: sem_t())
    let code = sem_init(semaphore, 0, 0)
    precondition(code == 0, "sem_init failed with \(errno)")
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deinitialize(count: 1)
    semaphore.deallocate()
  }

  package func post() {
    sem_post(semaphore)
  }

  package func wait() {
    while sem_wait(semaphore) != 0 && errno == EINTR {}
  }

  /// Takes one if there is one.
  package func tryWait() {
    sem_trywait(semaphore)
  }
}
