import Concurrency
import Glibc
import HTTPServer
import Testing

@Suite struct ConnectionTests {
  @Test func aDisconnectCancelsTheHandler() async throws {
    let started = AsyncSignal()
    let cancelled = AsyncSignal()
    try await withServer { _ in
      started.fire()
      await waitForCancellation(cancelled)
      return .text("late")
    } _: { port, server in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return socket
      }
      try await started.wait()
      #expect(!cancelled.isFired)
      socket.hangUp()
      try await cancelled.wait()
      try await eventually { server.requestsUnderWay == 0 }
    }
  }

  @Test func aClientThatClosesItsHalfGetsItsAnswer() async throws {
    let cancelled = AsyncSignal()
    try await withServer { _ in
      await waitForCancellation(cancelled)
      return .text("answer")
    } _: { port, _ in
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        socket.finishSending()
        return try socket.receiveAll()
      }
      #expect(answer.hasSuffix("answer"))
    }
  }

  @Test func aHeadThatDripsIsCutOff() async throws {
    try await withServer(.init(headerTimeout: .milliseconds(300)), handler: echo) { port, _ in
      let elapsed = try await onThread {
        let start = ContinuousClock.now
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\n")
        // More bytes than fit into the time, until the server has enough of them.
        for _ in 0..<2_000 {
          guard (try? socket.send("X: y\r\n")) != nil else { break }
          usleep(10_000)
        }
        #expect(try socket.receiveAll() == "")
        return ContinuousClock.now - start
      }
      #expect(elapsed < .seconds(15))
    }
  }

  @Test func aBodyThatDripsIsCutOff() async throws {
    let failed = AsyncSignal()
    try await withServer(.init(bodyTimeout: .milliseconds(300))) { request in
      do { _ = try await request.collectBody(upTo: .max) } catch { failed.fire() }
      return .text("")
    } _: { port, _ in
      try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
        for _ in 0..<2_000 {
          guard (try? socket.send("x")) != nil else { break }
          usleep(10_000)
        }
        #expect(try socket.receiveAll() == "")
      }
      try await failed.wait()
    }
  }

  @Test func idleConnectionsAreClosedAndBusyOnesAreNot() async throws {
    try await withServer(.init(headerTimeout: .milliseconds(200), idleTimeout: .milliseconds(200))) { _ in
      // Longer than every deadline: none counts while the handler works.
      try? await Task.sleep(for: .milliseconds(600))
      return .text("done")
    } _: { port, _ in
      let (body, rest) = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return (try socket.receiveResponse().body, try socket.receiveAll())
      }
      #expect(body == "done")
      #expect(rest == "")
    }
  }

  @Test func aPortInUseIsNamed() async throws {
    try await withServer(handler: echo) { port, _ in
      let second = HTTPServer(.init(addresses: [.loopback(port: port)]), handler: echo)
      let error = try #require(throws: HTTPServerError.self) { try second.start() }
      #expect(error.code == .addressInUse)
      #expect(error.description.contains("port \(port) of 127.0.0.1"))
      #expect(second.port == 0)
    }
  }

  @Test func addressesOfOthersAreRefused() throws {
    let server = HTTPServer(.init(addresses: [.tcp(host: "no-such-host.invalid", port: 0)]), handler: echo)
    let error = try #require(throws: HTTPServerError.self) { try server.start() }
    #expect(error.code == .addressUnknown)
    #expect(error.description.contains("no-such-host.invalid"))
    // TEST-NET-1: never an address of this machine; nothing is sent to it.
    let other = HTTPServer(.init(addresses: [.tcp(host: "192.0.2.1", port: 0)]), handler: echo)
    #expect(try #require(throws: HTTPServerError.self) { try other.start() }.code == .addressUnknown)
  }

  @Test func aPortCanBeTakenAgainAfterTheStop() async throws {
    let first = HTTPServer(handler: echo)
    try first.start()
    let port = first.port
    _ = try await onThread {
      let socket = try RawSocket(port: port)
      try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      return try socket.receiveResponse().head
    }
    await first.stop()
    let second = HTTPServer(.init(addresses: [.loopback(port: port)]), handler: echo)
    try second.start()
    #expect(second.port == port)
    #expect(throws: HTTPServerError.self) { try first.start() }
    await second.stop()
  }

  /// The end may come with the data, and then nothing more does: neither answers nor connections may hang on it.
  @Test func whoClosesItsHalfAtOnceIsAnsweredAndLetGo() async throws {
    try await withServer(.init(headerTimeout: .seconds(60), idleTimeout: .seconds(60)), handler: echo) {
      port, server async throws in
      let answers = try await onThread { () throws -> [String] in
        let sockets = try (0..<200).map { _ in try RawSocket(port: port) }
        for (number, socket) in sockets.enumerated() {
          switch number % 3 {
          case 0: try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nwhole")
          case 1: try socket.send("GET / HTTP/1.1\r\nHost: h\r\n")
          default: try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
          }
          socket.finishSending()
        }
        return try sockets.map { try $0.receiveAll() }
      }
      for (number, answer) in answers.enumerated() {
        #expect(answer.contains("\r\n\r\nwhol") == (number % 3 == 0), "\(number): \(answer)")
      }
      try await eventually { server.connectionCount == 0 }
    }
  }

  /// Noticing that a client has closed its half costs no more than once.
  @Test func aHalfClosedClientDoesNotKeepTheServerBusy() async throws {
    let started = AsyncSignal()
    let release = AsyncSignal()
    try await withServer { _ in
      started.fire()
      // Not cancelled with the request's task.
      await Task { try? await release.wait() }.value
      return .text("answer")
    } _: { port, _ async throws in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        socket.finishSending()
        return socket
      }
      try await started.wait()
      let before = cpuTime()
      try await Task.sleep(for: .milliseconds(500))
      let used = cpuTime() - before
      release.fire()
      let answer = try await onThread { try socket.receiveAll() }
      #expect(answer.hasSuffix("answer"))
      #expect(used < .milliseconds(250), "\(used) of CPU time in half a second of waiting")
    }
  }
}

/// Of this process, all threads together.
private func cpuTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
