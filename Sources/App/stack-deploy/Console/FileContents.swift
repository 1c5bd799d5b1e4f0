import Glibc

/// Small files named on a command line.
enum FileContents {
  /// Larger ones are no stacks.
  private static let limit = 16 << 20

  /// Bytes that are no UTF-8 are replaced, so that the server can say where they stand.
  /// - Parameter path: `-` is standard input.
  static func text(of path: String) throws(FileContentsError) -> String {
    String(decoding: try bytes(of: path), as: UTF8.self)
  }

  /// The same as they are.
  static func bytes(of path: String) throws(FileContentsError) -> [UInt8] {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileContentsError(path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileContentsError(path, errno: errno)
      }
      bytes += buffer[..<count]
      if bytes.count > limit { throw FileContentsError(description: "\(path): larger than \(limit >> 20) MiB") }
    }
  }
}

/// Why a file cannot be read.
struct FileContentsError: Error, CustomStringConvertible {
  let description: String

  init(description: String) { self.description = description }

  init(_ path: String, errno code: Int32) { self.init(description: "\(path): \(String(cString: strerror(code)))") }
}
