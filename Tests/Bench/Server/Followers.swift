import Glibc

/// So many sockets that follow the same stream, read by one thread with `poll`.
struct Followers {
  private let mark: UInt8
  private var sockets: [pollfd] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// - Parameter mark: a byte that every event has.
  init(port: Int, request: String, count: Int, mark: UInt8) throws {
    self.mark = mark
    for _ in 0..<count {
      guard let socket = LoopbackSocket.connect(port: port) else {
        throw BenchError("the server takes no more than \(sockets.count) clients")
      }
      LoopbackSocket.send(request, to: socket)
      sockets.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
    }
  }

  /// By how much a server has grown for each of them.
  static func kibibytesOfEach(_ usage: ProcessUsage, since before: Double, _ count: Int) -> Double {
    (usage.residentMiB - before) * 1_024 / Double(count)
  }

  func close() {
    for socket in sockets { Glibc.close(socket.fd) }
  }

  /// Reads until nothing has come for half a second.
  mutating func readUntilQuiet() {
    while poll(&sockets, nfds_t(sockets.count), 500) > 0 {
      for socket in sockets where socket.revents != 0 { _ = read(socket.fd, &buffer, buffer.count) }
    }
  }

  /// When the last of them had read an event.
  mutating func timeUntilAllHaveRead() throws -> ContinuousClock.Instant {
    var left = sockets
    while !left.isEmpty {
      guard poll(&left, nfds_t(left.count), 10_000) > 0 else {
        throw BenchError("\(left.count) of \(sockets.count) clients got no event within 10 s")
      }
      var waiting: [pollfd] = []
      for socket in left {
        guard socket.revents != 0 else {
          waiting.append(socket)
          continue
        }
        let count = read(socket.fd, &buffer, buffer.count)
        guard count > 0 else { throw BenchError("the server has closed a client's stream") }
        if !buffer[..<count].contains(mark) { waiting.append(socket) }
      }
      left = waiting
    }
    return ContinuousClock.now
  }
}
