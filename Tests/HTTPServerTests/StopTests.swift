import Concurrency
import HTTPServer
import Testing

@Suite struct StopTests {
  @Test func stoppingCancelsWhatIsSuspended() async throws {
    let count = 10
    let started = Locked(0)
    let cancelled = Locked(0)
    let server = HTTPServer { request in
      started.withLock { $0 += 1 }
      switch request.path {
      case "/upload":
        do { _ = try await request.collectBody(upTo: .max) } catch { cancelled.withLock { $0 += 1 } }
        return .text("")
      case "/stream":
        return HTTPResponse(
          body: .stream { writer in
            defer { cancelled.withLock { $0 += 1 } }
            try await writer.write("first")
            try await Task.sleep(for: .seconds(3_600))
          })
      default:
        do { try await Task.sleep(for: .seconds(3_600)) } catch { cancelled.withLock { $0 += 1 } }
        return .text("late")
      }
    }
    try server.start()
    let port = server.port
    let sockets = try await onThread {
      try (0..<count).flatMap { _ in
        try [
          "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n", "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n",
          "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
        ].map { request in
          let socket = try RawSocket(port: port)
          try socket.send(request)
          return socket
        }
      }
    }
    try await eventually { started.withLock { $0 } == 3 * count }
    await server.stop()
    #expect(cancelled.withLock { $0 } == 3 * count)
    #expect(server.port == 0)
    let answers = try await onThread { try sockets.map { try $0.receiveAll() } }
    for answer in answers { #expect(!answer.contains("late") && !answer.hasSuffix("0\r\n\r\n")) }
    await server.stop()
  }

  @Test func drainingLetsRequestsEnd() async throws {
    let started = AsyncSignal()
    let release = AsyncSignal()
    let server = HTTPServer { _ in
      started.fire()
      do { try await release.wait() } catch { return .text("cancelled", status: 500) }
      return .text("drained")
    }
    try server.start()
    let port = server.port
    let socket = try await onThread {
      let socket = try RawSocket(port: port)
      try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      return socket
    }
    try await started.wait()
    async let stopped: Void = server.stop(drainingFor: .seconds(20))
    // New connections are refused as soon as the draining has begun.
    try await eventually { (try? RawSocket(port: port)) == nil }
    release.fire()
    let (head, body) = try await onThread { try socket.receiveResponse() }
    #expect(body == "drained")
    #expect(head.contains("Connection: close"))
    await stopped
  }

  @Test func manyStartsAndStopsLeaveNothing() async throws {
    for _ in 0..<10 {
      let server = HTTPServer(handler: echo)
      try server.start()
      let port = server.port
      _ = try await onThread {
        let sockets = try (0..<5).map { _ in try RawSocket(port: port) }
        for socket in sockets.dropLast() { try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n") }
        return try sockets[0].receiveResponse().head
      }
      await server.stop(drainingFor: .milliseconds(50))
    }
  }
}
