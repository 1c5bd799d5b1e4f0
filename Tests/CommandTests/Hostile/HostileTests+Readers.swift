import Glibc
import Processes
import Testing

extension HostileTests {
  /// Who asks for more and more and takes none of it is let go of after `--http.write.timeout`.
  @Test func whoDoesNotReadIsLetGo() async throws {
    let folder = try Folder()
    try await ServerProcess.with(["--api", "127.0.0.1:0", "--http.write.timeout", "1s"], in: folder) {
      server async throws in
      let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
      let before = try ProcessUse(server.process.pid)
      let reader = try await onThread {
        let reader = try Crowd.connect(port: port, from: 2)
        // Far more than the system keeps for the two ends of a connection.
        let requests = String(repeating: "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", count: 3_000)
        #expect(Crowd.send(requests, to: reader))
        return reader
      }
      defer { close(reader) }
      #expect(try await eventually { try ProcessUse(server.process.pid).descriptors > before.descriptors })
      let isLetGo = try await eventually(within: .seconds(15)) {
        try ProcessUse(server.process.pid).descriptors <= before.descriptors
      }
      #expect(isLetGo)
      #expect(try await server.client("ping").output == "Pong\n")
    }
  }
}
