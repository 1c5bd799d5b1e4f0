import Glibc

/// An flock that is held as long as this object lives; the system releases it with the process, however that ends.
final class FolderLock: Sendable {
  enum Mode { case shared, exclusive }

  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Released by name: a child that is just being started has a copy of the descriptor until it executes its program.
  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Takes the lock, `nil` if somebody else holds it in a way that forbids it.
  static func take(_ path: String, _ mode: Mode) throws(FileFault) -> FolderLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault("open the lock", path) }
    if flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return FolderLock(descriptor) }
    let code = errno
    close(descriptor)
    if code == EWOULDBLOCK { return nil }
    throw FileFault("take the lock", path, code: code)
  }

  /// Notes who holds it, for whoever is refused.
  func note(_ text: String) {
    _ = ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }
}
