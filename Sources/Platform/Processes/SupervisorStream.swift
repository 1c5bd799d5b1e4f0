import Concurrency
import Glibc

/// Our end of the stream to an attached `task-supervisor`: its lines as values.
final class SupervisorStream: Sendable {
  enum Start: Sendable, Hashable {
    case pid(Int32)
    case failed(String)
    case streamEnded
  }

  let started = Promise<Start>()
  let ended = Promise<ExitStatus>()

  private let socket: Descriptor
  private let pending = Locked<[UInt8]>([])

  init(_ socket: Descriptor) throws(ProcessError) {
    self.socket = socket
    socket.setNonBlocking()
    // The loop's reference goes when the handler returns false: at the stream's end.
    try EventLoop.shared.watch(socket) { [self] in receive() }
  }

  /// A short line always fits the socket's buffer; a supervisor that is gone needs none.
  func send(_ line: String) {
    let bytes = Array(line.utf8)
    _ = Glibc.send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
  }

  /// Tells the supervisor that nobody is here any more; its own lines still arrive.
  func hangUp() { shutdown(socket.number, Int32(SHUT_WR)) }

  private func receive() -> Bool {
    while true {
      switch socket.read() {
      case .nothingNow: return true
      case .bytes(let bytes):
        for line in completeLines(bytes) { take(line) }
      case .end:
        started.keep(.streamEnded)
        ended.keep(.signalled(SIGKILL))
        return false
      }
    }
  }

  private func completeLines(_ bytes: [UInt8]) -> [String] {
    pending.withLock { pending in
      pending += bytes
      var lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let rest = Array(lines.removeLast())
      let complete = lines.map { String(decoding: $0, as: UTF8.self) }
      pending = rest
      return complete
    }
  }

  private func take(_ line: String) {
    if line.hasPrefix("started "), let pid = Int32(line.dropFirst("started ".count)) {
      started.keep(.pid(pid))
    } else if line.hasPrefix("failed ") {
      started.keep(.failed(String(line.dropFirst("failed ".count))))
    } else if let end = ExitStatus(supervisorLine: line) {
      ended.keep(end)
    }
  }
}

extension ExitStatus {
  /// `exited 3` or `signalled 15`, as `task-supervisor` writes it.
  init?(supervisorLine line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count == 2, let value = Int32(words[1]) else { return nil }
    switch words[0] {
    case "exited": self = .exited(value)
    case "signalled": self = .signalled(value)
    default: return nil
    }
  }
}
