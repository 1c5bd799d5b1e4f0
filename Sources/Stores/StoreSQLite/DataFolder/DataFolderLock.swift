import Concurrency
import Glibc
package import Store

/// The right to use a data folder, held by one process at a time.
///
/// It is a `flock` on `<folder>/server.lock`, which holds the owner's process id as text. The kernel gives the lock back
/// when the process ends, however it ends; the file stays, because removing it would let two processes lock two files of
/// that name.
package final class DataFolderLock: Sendable {
  /// Nil once released.
  private let descriptor: Locked<Int32?>

  /// - Throws: `.inUse` with the owner's process id; `.unavailable` where the file cannot be made.
  package init(folder: String) throws(StoreError) {
    let path = "\(folder)/server.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(
        .unavailable,
        "The data folder \(folder) cannot be written to: check its permissions and that it is not mounted read-only",
        cause: "\(path): \(DataFolder.systemMessage(errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      defer { close(descriptor) }
      if number == EWOULDBLOCK { throw Self.inUse(folder, owner: Self.owner(descriptor)) }
      throw StoreError(
        .unavailable, "The data folder \(folder) cannot be locked: its file system must support flock",
        cause: DataFolder.systemMessage(number))
    }
    self.descriptor = Locked(descriptor)
    // Only a help for whoever is refused; the lock holds without it.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
  }

  deinit {
    release()
  }

  /// Lets go of the folder. Repeating it does nothing.
  package func release() {
    let descriptor = descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
    guard let descriptor else { return }
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// What the owner wrote; nil in the moment before it did.
  private static func owner(_ descriptor: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private static func inUse(_ folder: String, owner: Int32?) -> StoreError {
    let process = owner.map { "process \($0)" } ?? "another process"
    return StoreError(
      .inUse,
      "The data folder \(folder) is in use by \(process): stop that server, or choose another folder with --data-dir")
  }
}
