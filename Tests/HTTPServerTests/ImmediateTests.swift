import Concurrency
import HTTPServer
import HTTPTypes
import Testing

/// Answers that are given on the library's thread.
@Suite struct ImmediateTests {
  /// Answers what is asked for below `/at-once`; the handler answers the rest, below `/later` with a body that is complete.
  private static let immediate: HTTPServer.ImmediateHandler = { request, hasBody in
    if request.pathSegments.first == "unread" { return nil }
    return { body in
      #expect(hasBody == !body.isEmpty)
      guard request.pathSegments.first == "at-once" else { return nil }
      return .text("\(request.method) \(request.path) \(body.count) at once")
    }
  }

  private static let handler: HTTPServer.Handler = { request in
    let body = (try? await request.collectBody(upTo: .max)) ?? []
    return .text("\(request.method) \(request.path) \(body.count) by the handler")
  }

  private func withServer(
    _ handler: @escaping HTTPServer.Handler = Self.handler, _ test: (_ port: Int, HTTPServer) async throws -> Void
  ) async throws {
    let server = HTTPServer(.init(), immediate: Self.immediate, handler: handler)
    try server.start()
    do {
      try await test(server.port, server)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Test func bothAnswerOnOneConnection() async throws {
    try await withServer { port, _ in
      let bodies = try await onThread {
        let socket = try RawSocket(port: port)
        var bodies: [String] = []
        for path in ["/at-once", "/later", "/at-once/2", "/later/2"] {
          try socket.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
          bodies.append(try socket.receiveResponse().body)
        }
        return bodies
      }
      #expect(
        bodies == [
          "GET /at-once 0 at once", "GET /later 0 by the handler", "GET /at-once/2 0 at once",
          "GET /later/2 0 by the handler",
        ])
    }
  }

  @Test(arguments: [1, 1_000, 65_536, 65_537, 200_000], ["/at-once", "/later"])
  func bodiesAreWhole(size: Int, path: String) async throws {
    try await withServer { port, _ in
      let body = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
        let bytes = [UInt8](repeating: 65, count: size)
        try socket.send(Array(bytes[..<(size / 2)]))
        try socket.send(Array(bytes[(size / 2)...]))
        return try socket.receiveResponse().body
      }
      // A larger one goes to the handler, as it comes.
      let isAtOnce = path == "/at-once" && size <= 65_536
      #expect(body == "POST \(path) \(size) \(isAtOnce ? "at once" : "by the handler")")
    }
  }

  /// Who is refused by the head alone is told so whatever becomes of the body, and the connection goes on.
  @Test func aBodyThatIsNotWaitedForGoesToTheHandler() async throws {
    let called = AsyncSignal()
    let handler: HTTPServer.Handler = { request in
      called.fire()
      return await Self.handler(request)
    }
    try await withServer(handler) { port, _ in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        return socket
      }
      // Before its body is there.
      try await called.wait()
      let bodies = try await onThread {
        try socket.send("cd")
        let first = try socket.receiveResponse().body
        try socket.send("GET /unread/2 HTTP/1.1\r\nHost: h\r\n\r\n")
        return [first, try socket.receiveResponse().body]
      }
      #expect(bodies == ["POST /unread 4 by the handler", "GET /unread/2 0 by the handler"])
    }
  }

  @Test func aBodyInChunksGoesToTheHandler() async throws {
    try await withServer { port, _ in
      let body = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST /at-once HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        return try socket.receiveResponse().body
      }
      #expect(body == "POST /at-once 3 by the handler")
    }
  }

  @Test func headHasNoBody() async throws {
    try await withServer { port, _ in
      let rest = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("HEAD /at-once HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        let head = try socket.receive(until: "\r\n\r\n")
        return (head, try socket.receiveAll())
      }
      #expect(rest.0.contains("200 OK"))
      #expect(rest.1.isEmpty)
    }
  }

  @Test func whoLeavesInTheMiddleOfTheBodyLeavesNothing() async throws {
    try await withServer { port, server in
      try await onThread {
        for path in ["/at-once", "/later"] {
          let socket = try RawSocket(port: port)
          try socket.send("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
          socket.hangUp()
        }
      }
      try await eventually { server.requestsUnderWay == 0 }
    }
  }

  @Test func theServerStopsWhileABodyIsOnItsWay() async throws {
    try await withServer { port, server in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST /at-once HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
        return socket
      }
      try await eventually { server.requestsUnderWay == 1 }
      await server.stop()
      #expect(server.requestsUnderWay == 0)
      socket.hangUp()
    }
  }
}
