import Glibc

/// A value behind a mutex: the one lock type of this package.
///
/// It is built on `pthread_mutex_t` because ThreadSanitizer understands that; `Synchronization.Mutex` shows false races
/// under it on Linux. The lock is not recursive. Keep what happens inside short: never resume a continuation, call back
/// into other code, or do I/O under it.
///
/// Why `@unchecked Sendable` holds: `value` is private and read or written only between `pthread_mutex_lock` and
/// `pthread_mutex_unlock` of the same mutex; it enters through a `sending` parameter, so nobody else keeps a part of it.
/// A body must not let a part of a non-Sendable value escape.
package final class Locked<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: sending Value) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    let code = pthread_mutex_init(mutex, nil)
    precondition(code == 0, "pthread_mutex_init failed with \(code)")
    self.value = value
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deinitialize(count: 1)
    mutex.deallocate()
  }

  /// Runs `body` alone with the value and returns what it returns.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
