import Concurrency
import HTTPServer
import HTTPTypes
import Testing

@Suite struct RequestTests {
  @Test func handlersSeeTheRequest() async throws {
    let seen = Locked<HTTPRequest?>(nil)
    try await withServer { request in
      seen.withLock { $0 = request }
      return HTTPResponse(status: 201, fields: ["X-A": "1", "X-A": "2"], body: .bytes(Array("made".utf8)))
    } _: { port, _ in
      let (head, body) = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send(
          "PUT /a%2Fb//c%20d?x=1&y=%26 HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-b:  2 \r\nContent-Length: 0\r\n\r\n")
        return try socket.receiveResponse()
      }
      #expect(head.hasPrefix("HTTP/1.1 201 Created\r\n"))
      #expect(head.contains("X-A: 1\r\nX-A: 2\r\n"))
      #expect(body == "made")
      let request = try #require(seen.withLock { $0 })
      #expect(request.method == .put)
      #expect(request.target == "/a%2Fb//c%20d?x=1&y=%26")
      #expect(request.path == "/a%2Fb//c%20d")
      #expect(request.pathSegments == ["a/b", "c d"])
      #expect(request.query == ["x": "1", "y": "&"])
      #expect(request.fields.all("X-B") == ["1", "2"])
      #expect(request.peer.name == "127.0.0.1")
    }
    // A request holds its server.
    seen.withLock { $0 = nil }
  }

  @Test func absoluteTargetsAndOptions() async throws {
    try await withServer {
      .text("\($0.path)|\($0.query.text)")
    } _: { port, _ in
      let answers = try await onThread {
        let socket = try RawSocket(port: port)
        return try ["http://h:80/p?q=1", "http://h", "*", "/?"].map { target in
          try socket.send("OPTIONS \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
          return try socket.receiveResponse().body
        }
      }
      #expect(answers == ["/p|q=1", "/|", "*|", "/|"])
    }
  }

  @Test func manyRequestsOnOneConnectionAlsoAtOnce() async throws {
    try await withServer(handler: echo) { port, _ in
      let bodies = try await onThread {
        let socket = try RawSocket(port: port)
        var bodies: [String] = []
        for number in 0..<5 {
          try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n\(number)")
          bodies.append(try socket.receiveResponse().body)
        }
        try socket.send(
          (5..<9).map { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n\($0)" }.joined())
        for _ in 5..<9 { bodies.append(try socket.receiveResponse().body) }
        return bodies
      }
      #expect(bodies == (0..<9).map(String.init))
    }
  }

  @Test func handlersRunAtTheSameTime() async throws {
    let count = 30
    let all = AsyncSignal()
    let inside = Locked(0)
    try await withServer { _ in
      let isLast = inside.withLock {
        $0 += 1
        return $0 == count
      }
      if isLast { all.fire() }
      // Everyone is answered only after all have come.
      guard (try? await all.wait()) != nil else { return .text("cancelled", status: 500) }
      return .text("together")
    } _: { port, _ in
      let bodies = try await onThread {
        let sockets = try (0..<count).map { _ in try RawSocket(port: port) }
        for socket in sockets { try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n") }
        return try sockets.map { try $0.receiveResponse().body }
      }
      #expect(bodies == Array(repeating: "together", count: count))
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", "GET / HTTP/1.1\r\nHost: h\r\nX Y: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX-Y : 1\r\n\r\n", "GET / HTTP/1.1\r\n: 1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{1}b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: 1\r\n folded: 2\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h@evil\r\n\r\n", "GET / HTTP/1.1\r\nHost: h/evil\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h i\r\n\r\n", "GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://h:81/ HTTP/1.1\r\nHost: h\r\n\r\n", "G[T / HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
    // What the library itself takes without a word: NULs, folded lines, bare line feeds.
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", "GET / HTTP/1.1\r\nX: a\0b\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\0x\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\0\r\nHost: h\r\n\r\nabcde",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length\0: 5\r\n\r\nabcde",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\0Content-Length: 6\r\n\r\nabcde",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\tx\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nX: 1\r\n\t\r\nY: 2\r\n\r\n", "GET / HTTP/1.1\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\nX: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\n\n", "GET /\0a HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET no-path HTTP/1.1\r\nHost: h\r\n\r\n",
  ])
  func ambiguousRequestsAreRefusedAndTheConnectionClosed(request: String) async throws {
    let handled = Locked(0)
    try await withServer { _ in
      handled.withLock { $0 += 1 }
      return .text("handled")
    } _: { port, _ in
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        // What follows on the connection must not be taken for a request.
        try socket.send(request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
        return try socket.receiveAll()
      }
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
      #expect(answer.contains("Connection: close"))
      #expect(!answer.contains("handled"))
    }
    #expect(handled.withLock { $0 } == 0)
  }

  @Test func garbageIsNoRequest() async throws {
    try await withServer(handler: echo) { port, _ in
      for garbage in [
        "\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}binary\0\0\r\n\r\n", String(repeating: "x", count: 200_000),
      ] {
        let answer = try await onThread {
          let socket = try RawSocket(port: port)
          try? socket.send(garbage)
          socket.finishSending()
          return try socket.receiveAll()
        }
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.0 4"), "\(answer)")
      }
    }
  }

  @Test func requestsWithoutASocket() async throws {
    let request = try #require(HTTPRequest(method: .post, target: "/a?b=c", body: [1, 2]))
    #expect(request.pathSegments == ["a"])
    #expect(try await request.collectBody(upTo: 2) == [1, 2])
    #expect(try await request.collectBody(upTo: 2) == [])
    let large = try #require(HTTPRequest(method: .post, target: "/", body: [1, 2, 3]))
    await #expect(throws: HTTPRequestBodyError.tooLarge(limit: 2)) { try await large.collectBody(upTo: 2) }
    #expect(HTTPRequest(method: .get, target: "a b") == nil)
  }
}
