import CPosix
import Glibc

/// Starts a detached thread for work that blocks (event loops, SQLite, `waitpid`), outside Swift's cooperative pool.
///
/// - Parameter name: shown by `ps -L` and debuggers; Linux keeps the first 15 bytes.
/// - Precondition: the system can start one more thread; a process that cannot is beyond help.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))

  // The thread takes over this reference.
  let work = Unmanaged.passRetained(ThreadWork(name: name, body: body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument else { return nil }
      let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
      cposix_name_thread(work.name)
      work.body()
      return nil
    }, work.toOpaque())
  precondition(code == 0, "cannot start the thread \(name): error \(code)")
}

private final class ThreadWork: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
