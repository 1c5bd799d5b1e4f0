import Glibc

/// Standard output and standard error. Writing is unbuffered: what was written is there when the program is killed.
enum Console {
  /// Whether a person looks at it, so that it may be redrawn and have colours.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// To standard output, as it is.
  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// To standard error, as it is.
  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR && errno != EAGAIN {
        return  // nobody is there to be told
      }
    }
  }
}
