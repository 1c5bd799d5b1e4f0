import Concurrency
import Glibc

/// An ordinary client that only wants its answers, and measures how long it waits for them: on a kept connection, and
/// on a new one every time.
final class Bystander: Sendable {
  private struct State {
    var times: [Duration] = []
    var failures: [String] = []
    var isStopped = false
    var running = 2
  }

  private let state = Locked(State())
  private let port: Int
  private let request: String

  /// - Parameter path: what it asks for.
  init(port: Int, path: String, user: String, key: String) {
    self.port = port
    request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-User: \(user)\r\nX-Api-Key: \(key)\r\n\r\n"
    for isKept in [true, false] {
      startThread(named: "bystander") { [self] in
        run(isKept: isKept)
        state.withLock { $0.running -= 1 }
      }
    }
  }

  struct Report: Sendable, CustomStringConvertible {
    var count: Int
    var median: Duration
    var p99: Duration
    var failures: [String]

    var description: String { "\(count) requests, median \(median), p99 \(p99), \(failures.count) failures" }
  }

  /// Ends it.
  func stop() async throws -> Report {
    state.withLock { $0.isStopped = true }
    _ = try await eventually { state.withLock { $0.running } == 0 }
    return state.withLock { state in
      let sorted = state.times.sorted()
      guard let last = sorted.last else { return Report(count: 0, median: .zero, p99: .zero, failures: state.failures) }
      return Report(
        count: sorted.count, median: sorted[sorted.count / 2], p99: sorted.dropLast(sorted.count / 100).last ?? last,
        failures: state.failures)
    }
  }

  private func run(isKept: Bool) {
    var kept: Int32 = -1
    while !state.withLock({ $0.isStopped }) {
      let start = ContinuousClock.now
      do {
        let socket = try isKept && kept >= 0 ? kept : Crowd.connect(port: port, from: 1)
        kept = isKept ? socket : -1
        Crowd.send(request, to: socket)
        try receive(from: socket)
        if !isKept { close(socket) }
        let time = ContinuousClock.now - start
        state.withLock { $0.times.append(time) }
      } catch {
        if kept >= 0 { close(kept) }
        kept = -1
        state.withLock { $0.failures.append("\(error)") }
      }
      usleep(2_000)
    }
    if kept >= 0 { close(kept) }
  }

  /// The answer is small: what comes first is all of it.
  private func receive(from socket: Int32) throws {
    var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, 5_000) > 0 else { throw CommandFailure("no answer within 5 s") }
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { throw CommandFailure("closed without an answer") }
    let answer = String(decoding: buffer[..<count], as: UTF8.self)
    guard answer.hasPrefix("HTTP/1.1 200 ") else { throw CommandFailure("answered \(answer.prefix(80))") }
  }
}
