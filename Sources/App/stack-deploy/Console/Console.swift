import Glibc

/// Standard output and standard error. Writing is unbuffered: what was written is there when the program is killed.
enum Console {
  /// To standard output, as it is. What cannot be written ends the program: quietly where the reader of a pipe has gone,
  /// else with a sentence and exit code 1.
  static func write(_ text: String) { write(Array(text.utf8)) }

  /// The same with bytes, whatever they mean.
  static func write(_ bytes: [UInt8]) {
    guard let failure = tryWrite(bytes, to: STDOUT_FILENO) else { return }
    if failure.code == EPIPE { endAsBrokenPipe() }
    writeError("\(failure)\n")
    _exit(ExitCode.failure)
  }

  /// Text that others have written to standard output: as it is, but on a terminal without what could control it.
  static func writeForeign(_ text: String) { write(Terminal.isThere ? TerminalText.text(text) : text) }

  /// To standard output, for a program that must end in order also where it cannot write.
  static func writeOrThrow(_ text: String) throws(ConsoleError) {
    if let failure = tryWrite(Array(text.utf8), to: STDOUT_FILENO) { throw failure }
  }

  /// To standard error, as it is. There is nowhere to tell that it cannot be written.
  static func writeError(_ text: String) { _ = tryWrite(Array(text.utf8), to: STDERR_FILENO) }

  /// Descriptors 0 to 2 that are closed would go to the first files and sockets that are opened, and what is written to
  /// standard output with them. They are taken so that using them stays an error.
  static func reserveDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // It gets the lowest free number.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  private static func tryWrite(_ bytes: [UInt8], to descriptor: Int32) -> ConsoleError? {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        // Who shares the descriptor has made it non-blocking.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return ConsoleError(code: errno)
      }
    }
    return nil
  }

  /// As every program of a pipeline ends, also where SIGPIPE is ignored.
  private static func endAsBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)
  }
}

/// Why nothing can be written to standard output.
struct ConsoleError: Error, CustomStringConvertible {
  let code: Int32

  var description: String { "cannot write to standard output: \(String(cString: strerror(code)))" }
}
