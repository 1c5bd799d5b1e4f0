import Concurrency
import Glibc
import Processes
import Testing

/// A server in hostile company: every attack at once from other addresses, while an ordinary client goes on. Each attack
/// is refused or ended by its deadline, and nothing of it is left in the server.
///
/// `scripts/hostile` runs more rounds of this against a release build.
@Suite struct HostileTests {
  /// Short, so that all deadlines pass within a test.
  private static let header = Duration.milliseconds(1_500)
  private static let body = Duration.milliseconds(2_500)
  private static let idle = Duration.seconds(2)
  /// What a deadline may be late: the sweep, and a busy machine.
  private static let patience = Duration.seconds(6)

  private static var rounds: Int { getenv("STACK_DEPLOY_HOSTILE_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 2 }
  @Test func nothingOfAnAttackIsLeftAndOthersAreServed() async throws {
    ProcessReactor.raiseDescriptorLimit()
    let machine = Machine()
    let folder = try Folder()
    let arguments = [
      "--api", "127.0.0.1:0", "--http.header.timeout", "\(Self.header.milliseconds)ms", "--http.body.timeout",
      "\(Self.body.milliseconds)ms", "--http.idle.timeout", "\(Self.idle.milliseconds)ms", "--http.write.timeout", "2s",
    ]
    try await ServerProcess.with(arguments, in: folder) { server async throws in
      let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
      let key = try #require(server.client.environment["SD_KEY"])
      func bystander() -> Bystander { Bystander(port: port, path: "/list", user: "admin", key: key) }

      let quiet = bystander()
      try await Task.sleep(for: .seconds(1))
      let calm = try await quiet.stop()
      #expect(calm.failures == [])
      try await Task.sleep(for: Self.idle + .seconds(1))
      let before = try ProcessUse(server.process.pid)

      var uses: [ProcessUse] = []
      for round in 1...Self.rounds {
        let other = bystander()
        try await Self.attack(port: port, key: key)
        let report = try await other.stop()
        #expect(report.failures == [], "round \(round)")
        let limit = machine.limit(beside: calm)
        #expect(report.p99 <= limit, "round \(round): \(report); without an attack: \(calm)")

        let isClean = try await eventually { try ProcessUse(server.process.pid).descriptors <= before.descriptors }
        uses.append(try ProcessUse(server.process.pid))
        #expect(isClean, "round \(round): \(before) before, \(uses) after")
        print(
          "hostile: round \(round): \(report); without: \(calm), \(machine.description(beside: calm)); "
            + "before \(before), after \(uses[round - 1])")
      }
      // The first round fills pools and caches; no later one may take more.
      let (first, last) = (uses[0], uses[uses.count - 1])
      #expect(first.kilobytes - before.kilobytes < 24 << 10, "\(before) before, \(uses) after")
      #expect(last.kilobytes - first.kilobytes < 4 << 10, "\(before) before, \(uses) after")
      #expect(try await server.client("ping").output == "Pong\n")
    }
  }

  private static func attack(port: Int, key: String) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for attack in [
        idleConnections, slowHeaders, slowBodies, halfClosed, vanished, smuggled, largeBodies, dropped,
      ] {
        group.addTask {
          try await onThread { try attack(port) }
        }
      }
      group.addTask {
        try await onThread { try largeBodiesOfAUser(port: port, key: key) }
      }
      try await group.waitForAll()
    }
  }

  // MARK: The attacks, each on a thread of its own

  /// Half of them say nothing at all, the others no more than one request.
  @Sendable private static func idleConnections(port: Int) throws {
    let crowd = try Crowd(2_000, port: port, from: 2)
    for (number, socket) in crowd.sockets.enumerated() where number.isMultiple(of: 2) {
      Crowd.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n", to: socket)
    }
    let outcome = crowd.waitUntilClosed(within: max(header, idle) + patience)
    #expect(outcome.open == 0, "idle connections, the last closed after \(outcome.last)")
    #expect(outcome.last >= idle)
    for (number, answer) in outcome.answers.enumerated() {
      // Where opening all took longer than a head may, the first were closed before they could ask.
      #expect(answer.isEmpty || (number.isMultiple(of: 2) && answer.hasPrefix("HTTP/1.1 200 ")), "\(answer)")
    }
    let answered = outcome.answers.count { !$0.isEmpty }
    #expect(answered > outcome.answers.count / 4, "\(answered) of \(outcome.answers.count) answered")
  }

  @Sendable private static func slowHeaders(port: Int) throws {
    let crowd = try Crowd(200, port: port, from: 3)
    crowd.sendAll("GET /health HTTP/1.1\r\nHost: h\r\n")
    let outcome = crowd.waitUntilClosed(within: header + patience, drip: "a")
    #expect(outcome.open == 0, "slow headers, the last closed after \(outcome.last)")
    #expect(!outcome.answers.contains { $0.contains(" 200 ") })
  }

  @Sendable private static func slowBodies(port: Int) throws {
    let crowd = try Crowd(200, port: port, from: 4)
    for (number, socket) in crowd.sockets.enumerated() {
      let length = number.isMultiple(of: 2) ? "Content-Length: 100000" : "Transfer-Encoding: chunked"
      Crowd.send("POST /createstack HTTP/1.1\r\nHost: h\r\n\(length)\r\n\r\n", to: socket)
    }
    let outcome = crowd.waitUntilClosed(within: body + patience, drip: "1\r\na\r\n")
    #expect(outcome.open == 0, "slow bodies, the last closed after \(outcome.last)")
    #expect(!outcome.answers.contains { $0.contains(" 200 ") })
  }

  @Sendable private static func halfClosed(port: Int) throws {
    let crowd = try Crowd(200, port: port, from: 5)
    for (number, socket) in crowd.sockets.enumerated() {
      // Whole requests are answered, halves are let go of.
      Crowd.send("GET /health HTTP/1.1\r\nHost: h\r\n" + (number.isMultiple(of: 2) ? "\r\n" : ""), to: socket)
      shutdown(socket, Int32(SHUT_WR))
    }
    let outcome = crowd.waitUntilClosed(within: header + patience)
    #expect(outcome.open == 0, "half-closed connections, the last closed after \(outcome.last)")
    for (number, answer) in outcome.answers.enumerated() {
      #expect(answer.hasPrefix("HTTP/1.1 200 ") == number.isMultiple(of: 2), "\(answer)")
    }
  }

  /// Reset in the middle of a request, of its body, and of the waiting for the answer.
  @Sendable private static func vanished(port: Int) throws {
    for _ in 0..<5 {
      let crowd = try Crowd(60, port: port, from: 6)
      for (number, socket) in crowd.sockets.enumerated() {
        switch number % 3 {
        case 0: Crowd.send("GET /health HTTP/1.1\r\nHo", to: socket)
        case 1: Crowd.send("POST /list HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc", to: socket)
        default: Crowd.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", to: socket)
        }
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
      }
    }
  }

  @Sendable private static func smuggled(port: Int) throws {
    let fields = [
      // Lengths that two servers may read differently.
      "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3, 3",
      "Content-Length: +3", "Content-Length: -3", "Content-Length: 0x3", "Content-Length: 3 3", "Content-Length:",
      "Content-Length: 3\r\nTransfer-Encoding: chunked",
      // Codings.
      "Transfer-Encoding: xchunked", "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: \u{B}chunked",
      // Names that are none.
      "Content-Length : 3", "Content Length: 3", "X\u{1}: y", "Transfer-Encoding\0: chunked", ": y",
      // Lines that go on, end early, or end otherwise.
      "Transfer-Encoding:\r\n\tchunked", "X: y\r\n Content-Length: 3", "Transfer-Encoding: chunked\0",
      "X: 1\nContent-Length: 3", "X: 1\rContent-Length: 3",
      // Who is asked.
      "Host: other", "Host: h",
    ]
    var requests = fields.map { "POST /health HTTP/1.1\r\nHost: h\r\n\($0)\r\nX: y\r\n\r\n" }
    requests += [
      "POST /health HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST http://other/health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
      "POST /health\0 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
      "POST  /health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
      "POST /health HTTP/1.1\nHost: h\nContent-Length: 3\n\n",
    ]
    let crowd = try Crowd(requests.count * 10, port: port, from: 7)
    for (number, socket) in crowd.sockets.enumerated() {
      Crowd.send(
        requests[number % requests.count] + "0\r\n\r\nGET /health HTTP/1.1\r\nHost: h\r\n\r\n", to: socket)
    }
    let outcome = crowd.waitUntilClosed(within: idle + patience)
    #expect(outcome.open == 0, "smuggled requests, the last closed after \(outcome.last)")
    for (number, answer) in outcome.answers.enumerated() {
      // Or a reset, as it went on sending after the answer.
      let request = requests[number % requests.count]
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(request): \(answer)")
      #expect(!answer.contains(" 200 "), "\(request): \(answer)")
    }
  }

  /// Without a key: none of it is kept.
  @Sendable private static func largeBodies(port: Int) throws {
    for size in [10 << 20, 10 << 20, 10 << 20, 30 << 20] {
      let answer = try Crowd.exchange(
        "POST /createstack HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n", bodyBytes: size, port: port, from: 8
      )
      let expected = size > 16 << 20 ? "HTTP/1.1 413 " : "HTTP/1.1 401 "
      #expect(answer.isEmpty || answer.hasPrefix(expected), "\(size) bytes: \(answer)")
    }
  }

  /// With one: it is read to its end, and refused for what it says.
  private static func largeBodiesOfAUser(port: Int, key: String) throws {
    for _ in 0..<3 {
      let answer = try Crowd.exchange(
        """
        POST /createstack HTTP/1.1\r\nHost: h\r\nX-Api-User: admin\r\nX-Api-Key: \(key)\r\n\
        Content-Length: \(10 << 20)\r\n\r\n
        """, bodyBytes: 10 << 20, port: port, from: 110)
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    }
  }

  @Sendable private static func dropped(port: Int) throws {
    for number in 0..<10_000 {
      let socket = try Crowd.connect(port: port, from: UInt8(9 + number % 100))
      if number.isMultiple(of: 3) { Crowd.send("GET / HTTP/1.1\r\n", to: socket) }
      close(socket)
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}

/// Runs blocking code outside Swift's pool.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
    startThread(named: "hostile-client") { continuation.resume(with: Result { try body() }) }
  }
}
