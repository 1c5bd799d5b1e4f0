import CPosix
import Glibc

/// An open file descriptor that is closed with its last reference.
package final class Descriptor: Sendable {
  package let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// - Parameter what: completes "cannot …".
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(ProcessError) -> Descriptor {
    let number = Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, mode)
    guard number >= 0 else { throw .system("open \(path)") }
    return Descriptor(owning: number)
  }

  /// Two ends of a stream in both directions.
  static func streamPair() throws(ProcessError) -> (Descriptor, Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard cposix_stream_pair(&ends) == 0 else { throw .system("make a socket pair") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  static func pipe() throws(ProcessError) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else { throw .system("make a pipe") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  /// Another number for the same open file.
  func duplicate() throws(ProcessError) -> Descriptor {
    let copy = cposix_duplicate(number)
    guard copy >= 0 else { throw .system("duplicate a descriptor") }
    return Descriptor(owning: copy)
  }

  func setNonBlocking() { _ = fcntl(number, F_SETFL, O_NONBLOCK) }

  enum Reading { case bytes([UInt8]), nothingNow, end }

  /// One read of a non-blocking descriptor. An error counts as the end.
  func read(upTo count: Int = 4096) -> Reading {
    while true {
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
        let result = Glibc.read(number, buffer.baseAddress, count)
        failure = result < 0 ? errno : 0
        used = max(result, 0)
      }
      if failure == EINTR { continue }
      if failure == EAGAIN { return .nothingNow }
      return bytes.isEmpty ? .end : .bytes(bytes)
    }
  }
}
