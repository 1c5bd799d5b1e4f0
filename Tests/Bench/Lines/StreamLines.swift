import Glibc
import HTTPClient
import HTTPTypes
import StackAPI
import StackClient

enum StreamLines {
  private static let clients = 1_000

  static func measure(_ bench: Bench) async throws -> [Measurement] {
    try await MeasuredServer.with(bench, folder: bench.dataFolder("streams")) { server in
      let names = (0..<bench.samples + 2).map { "stream-\($0)" }
      let more = "    env: { HEALTHY_AFTER_MS: \"100000000\" }\n"
      try await server.add("name: stream\napplications:\n" + names.map { RunLines.application($0, more) }.joined())
      let run = try await server.client.start(APIRunRequest(stack: "stream"))
      try await waitUntilAllWait(server, run, names.count)

      let before = server.usage.residentMiB
      var followers = try Followers(server, run: run, count: clients)
      defer { followers.close() }
      followers.readUntilQuiet()
      let kibibytes = (server.usage.residentMiB - before) * 1_024 / Double(clients)

      var times: [Double] = []
      for name in names.dropLast() {
        let begin = ContinuousClock.now
        _ = try await server.http.send(
          HTTPClientRequest(.post, url: "http://127.0.0.1:\(server.marathonPort)/finish/\(name)"))
        times.append((try followers.timeUntilAllHaveRead() - begin) / .milliseconds(1))
        followers.readUntilQuiet()
      }
      try await server.client.cancel(run)
      return [
        Measurement("streams", "memory of each of 1,000 clients", "KiB", [kibibytes], .atMost(20)),
        // The first one warms up.
        Measurement(
          "streams", "from a change on Marathon to its event at all 1,000 clients", "ms", Array(times.dropFirst()),
          .atMost(50)),
      ]
    }
  }

  private static func waitUntilAllWait(_ server: MeasuredServer, _ run: Int64, _ count: Int) async throws {
    for _ in 0..<1_000 {
      let status = try await server.client.run(run)
      if status.applications.filter({ $0.waiting != nil && $0.step == "healthy" }).count == count { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw BenchError("the applications of run \(run) do not come to wait")
  }
}

/// So many sockets that follow one run's events, read by one thread with `poll`.
private struct Followers {
  private var sockets: [pollfd] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(_ server: MeasuredServer, run: Int64, count: Int) throws {
    for _ in 0..<count {
      guard let socket = LoopbackSocket.connect(port: server.port) else {
        throw BenchError("the server takes no more than \(sockets.count) clients")
      }
      LoopbackSocket.send(
        """
        GET /api/v1/runs/\(run)/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
        X-Api-User: admin\r\nX-Api-Key: \(server.key)\r\n\r\n
        """, to: socket)
      sockets.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
    }
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
        // Not the comments that keep the stream alive.
        if !buffer[..<count].contains(UInt8(ascii: "{")) { waiting.append(socket) }
      }
      left = waiting
    }
    return ContinuousClock.now
  }
}
