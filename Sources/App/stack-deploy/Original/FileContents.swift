import Glibc

/// Small files named on a command line.
enum FileContents {
  /// Larger ones are no stacks.
  private static let limit = 16 << 20

  /// `nil` where the file cannot be read, whatever the reason, or is larger than 16 MiB. Bytes that are no UTF-8 are
  /// replaced, so that the server can say where they stand.
  static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      bytes += buffer[..<count]
      if bytes.count > limit { return nil }
    }
  }
}
