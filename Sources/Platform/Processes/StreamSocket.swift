import Concurrency
import Glibc

/// Our end of a stream to a child: bytes in both directions, with back-pressure in both.
///
/// It ends when the child closes its end (by ending, too) or with `hangUp`; one of the two must come, else it is never freed.
package final class StreamSocket: Sendable {
  /// The child is gone.
  package struct Ended: Error {}

  private struct State {
    var received: [UInt8] = []
    var hasEnded = false
    var isWatched = false
    var reader: CheckedContinuation<[UInt8], Never>?
  }

  /// From here on nothing more is read until what there is has been taken.
  private static let highMark = 256 * 1024
  private static let readSize = 64 * 1024

  /// The longest reply: it finds room wherever the system says that there is some.
  package static let longestReply = 8 * 1024

  /// Answers what has come, if there is room for the answer. Asking for that costs a call of the system.
  package typealias Reply = @Sendable (_ bytes: [UInt8], _ hasRoom: () -> Bool) -> [UInt8]?

  private let socket: Descriptor
  private let reply: Reply
  private let state = Locked(State())

  private init(_ socket: Descriptor, _ reply: @escaping Reply) {
    self.socket = socket
    self.reply = reply
  }

  /// A connected pair: our end, and the one for `ProcessSpecification.descriptors`, to be dropped when the child has been started.
  ///
  /// - Parameter reply: is asked first for what comes while somebody waits in `read`, on the thread that all streams share, so it must
  ///   not take long. What it returns, at most `longestReply` bytes for which it has asked whether there is room, is sent back, and nobody else sees
  ///   what came; nil leaves it to `read`.
  package static func pair(
    reply: @escaping Reply = { _, _ in nil }
  ) throws(ProcessError) -> (ours: StreamSocket, theirs: Descriptor) {
    let (ours, theirs) = try Descriptor.streamPair()
    ours.setNonBlocking()
    let socket = StreamSocket(ours, reply)
    try socket.watch()
    return (socket, theirs)
  }

  /// What has come since the last call, at least one byte; nothing at the end.
  /// - Precondition: one reader at a time.
  package func read() async -> [UInt8] {
    await withCheckedContinuation { continuation in
      let (bytes, resumes) = state.withLock { state -> ([UInt8]?, Bool) in
        if state.received.isEmpty && !state.hasEnded {
          precondition(state.reader == nil, "two readers of one stream")
          state.reader = continuation
          return (nil, false)
        }
        defer { state.received = [] }
        let resumes = !state.isWatched && !state.hasEnded
        if resumes { state.isWatched = true }
        return (state.received, resumes)
      }
      if resumes { watchAgain() }
      if let bytes { continuation.resume(returning: bytes) }
    }
  }

  /// Returns when the system has taken all bytes, which a child that does not read can delay until it ends.
  package func write(_ bytes: [UInt8]) async throws(Ended) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let (count, code) = rest.withUnsafeBytes { buffer in
        let count = send(socket.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        return (count, errno)
      }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if code == EAGAIN {
        await room()
      } else if code != EINTR {
        throw Ended()
      }
    }
  }

  /// Ends both directions; what has come before can still be read.
  package func hangUp() { shutdown(socket.number, Int32(SHUT_RDWR)) }

  private func watch() throws(ProcessError) {
    state.withLock { $0.isWatched = true }
    // A duplicate each time: the watch that ended before may not be gone from the epoll yet.
    try EventLoop.shared.watch(socket.duplicate()) { [self] in receive() }
  }

  private func watchAgain() {
    do throws(ProcessError) { try watch() } catch { end() }
  }

  /// On the loop's thread.
  private func receive() -> Bool {
    switch socket.read(upTo: Self.readSize) {
    case .nothingNow: return true
    case .end:
      end()
      return false
    case .bytes(let bytes):
      if hasReplied(to: bytes) { return true }
      let (reader, goesOn) = state.withLock { state -> (CheckedContinuation<[UInt8], Never>?, Bool) in
        if let reader = state.reader {
          state.reader = nil
          return (reader, true)
        }
        state.received += bytes
        state.isWatched = state.received.count < Self.highMark
        return (nil, state.isWatched)
      }
      reader?.resume(returning: bytes)
      return goesOn
    }
  }

  private func hasReplied(to bytes: [UInt8]) -> Bool {
    guard state.withLock({ $0.reader != nil }), let answer = reply(bytes, { hasRoom }) else { return false }
    let count = answer.withUnsafeBytes { buffer in
      send(socket.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    // Gone, or the system is at its limits: half a reply is of no use.
    if count < answer.count { hangUp() }
    return true
  }

  private var hasRoom: Bool {
    var poll = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 1 && poll.revents & Int16(POLLOUT) != 0
  }

  private func end() {
    let reader = state.withLock { state in
      state.hasEnded = true
      state.isWatched = false
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: [])
  }

  /// Returns when there is room, or the other side is gone.
  private func room() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      do throws(ProcessError) {
        try EventLoop.shared.watch(socket.duplicate(), for: .writing) {
          continuation.resume()
          return false
        }
      } catch {
        // The system is at its limits: as good as a child that is gone.
        hangUp()
        continuation.resume()
      }
    }
  }
}
