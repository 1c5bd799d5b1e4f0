import Glibc
import HTTPClient
import HTTPTypes
import Processes
import StackAPI
import StackClient

enum StreamLines {
  private static let clients = 1_000

  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let bare = try await bare(bench)
    return try await MeasuredServer.with(bench, folder: bench.dataFolder("streams")) { server in
      // What it gives back a second after its start must not hide what clients take.
      try await Task.sleep(for: .seconds(2))
      let names = (0..<bench.samples + 2).map { "stream-\($0)" }
      let more = "    env: { HEALTHY_AFTER_MS: \"100000000\" }\n"
      try await server.add("name: stream\napplications:\n" + names.map { RunLines.application($0, more) }.joined())
      let run = try await server.client.start(APIRunRequest(stack: "stream"))
      try await waitUntilAllWait(server, run, names.count)

      let before = server.usage.residentMiB
      let request = """
        GET /api/v1/runs/\(run)/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
        X-Api-User: admin\r\nX-Api-Key: \(server.key)\r\n\r\n
        """
      // Not the comments that keep the stream alive.
      var followers = try Followers(port: server.port, request: request, count: clients, mark: UInt8(ascii: "{"))
      defer { followers.close() }
      followers.readUntilQuiet()
      let kibibytes = Followers.kibibytesOfEach(server.usage, since: before, clients)

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
        Measurement(
          "streams", "memory of each of 1,000 clients", "KiB", [kibibytes], .atMost(20),
          anchor: .init(name: anchorName, value: bare.kibibytes)),
        // The first one warms up.
        Measurement(
          "streams", "from a change on Marathon to its event at all 1,000 clients", "ms", Array(times.dropFirst()),
          .atMost(50), anchor: .init(name: anchorName, value: bare.milliseconds.median)),
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

  // MARK: Beside it

  private static let anchorName = "bare libmicrohttpd, streams that are suspended"
  /// About as large as an event of a run.
  private static let eventSize = 256

  private static func bare(_ bench: Bench) async throws -> (kibibytes: Double, milliseconds: [Double]) {
    try await BareServer.with(bench, size: eventSize) { server in
      let usage = ProcessUsage(pid: server.process.pid)
      let before = usage.residentMiB
      var followers = try Followers(
        port: server.port, request: "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n", count: clients,
        mark: UInt8(ascii: "x"))
      defer { followers.close() }
      followers.readUntilQuiet()
      let kibibytes = Followers.kibibytesOfEach(usage, since: before, clients)
      var times: [Double] = []
      for _ in 0...bench.samples {
        let begin = ContinuousClock.now
        server.process.signal(SIGUSR1)
        times.append((try followers.timeUntilAllHaveRead() - begin) / .milliseconds(1))
        followers.readUntilQuiet()
      }
      return (kibibytes, Array(times.dropFirst()))
    }
  }
}
