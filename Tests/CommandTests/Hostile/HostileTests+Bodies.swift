import Glibc
import Processes
import Testing

extension HostileTests {
  /// Bodies as large as what is kept of a user's, without a key or with a wrong one, and each without its last byte: nothing of
  /// them stays in memory while the server waits for it.
  @Test func bodiesWithoutAKeyAreNotKept() async throws {
    ProcessReactor.raiseDescriptorLimit()
    let machine = Machine()
    let folder = try Folder()
    try await ServerProcess.with(["--api", "127.0.0.1:0"], in: folder) { server async throws in
      let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
      let key = try #require(server.client.environment["SD_KEY"])
      func bystander() -> Bystander { Bystander(port: port, path: "/list", user: "admin", key: key) }
      let quiet = bystander()
      try await Task.sleep(for: .seconds(1))
      let calm = try await quiet.stop()
      let before = try ProcessUse(server.process.pid)

      let other = bystander()
      let crowd = try await KeylessBodies(port: port)
      #expect(crowd.unsent == 0)
      #expect(try await eventually { try ProcessUse(server.process.pid).descriptors >= before.descriptors + 1_990 })
      var most = try ProcessUse(server.process.pid)
      for _ in 0..<20 {
        try await Task.sleep(for: .milliseconds(100))
        let use = try ProcessUse(server.process.pid)
        if use.kilobytes > most.kilobytes { most = use }
      }
      let report = try await other.stop()
      print(
        "hostile bodies: \(report); without: \(calm), \(machine.description(beside: calm)); before \(before), at most \(most)"
      )
      #expect(report.failures == [])
      #expect(report.p99 <= machine.limit(beside: calm), "\(report); without an attack: \(calm)")
      #expect(
        most.kilobytes - before.kilobytes < 2_000 * KeylessBodies.kept, "\(before) before, \(most) with the bodies")

      let answers = try await crowd.finish()
      #expect(answers.count == 2_000)
      #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 401 ") || $0.hasPrefix("HTTP/1.1 429 ") })
      #expect(try await eventually { try ProcessUse(server.process.pid).descriptors <= before.descriptors })
    }
  }
}

/// 2,000 connections that have sent all of a request but its body's last byte.
private final class KeylessBodies: Sendable {
  private static let size = 60_000
  /// What a connection may take of the server's memory, in KiB: what its bytes come through, and what is known of it.
  static let kept = 40

  private let sockets: [Int32]
  let unsent: Int

  init(port: Int) async throws {
    let body = String(repeating: "x", count: Self.size - 1)
    (sockets, unsent) = try await onThread {
      var sockets: [Int32] = []
      var unsent = 0
      for number in 0..<2_000 {
        let socket = try Crowd.connect(port: port, from: 8)
        sockets.append(socket)
        let path = ["/api/v1/stacks", "/createstack", "/list", "/api/v1/runs"][number % 4]
        let credentials = number.isMultiple(of: 3) ? "X-Api-User: admin\r\nX-Api-Key: wrong\r\n" : ""
        let head = "POST \(path) HTTP/1.1\r\nHost: h\r\n\(credentials)Content-Length: \(Self.size)\r\n\r\n"
        if !Crowd.send(head + body, to: socket) { unsent += 1 }
      }
      return (sockets, unsent)
    }
  }

  deinit { for socket in sockets { close(socket) } }

  /// Sends what is missing.
  /// - Returns: the answers.
  func finish() async throws -> [String] {
    try await onThread { [sockets] in
      for socket in sockets { Crowd.send("x", to: socket) }
      var answers: [String] = []
      var buffer = [UInt8](repeating: 0, count: 4_096)
      for socket in sockets {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 10_000) > 0 else { continue }
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 { answers.append(String(decoding: buffer[..<count], as: UTF8.self)) }
        shutdown(socket, Int32(SHUT_RDWR))
      }
      return answers
    }
  }
}
