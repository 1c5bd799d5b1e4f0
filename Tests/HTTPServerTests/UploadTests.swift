import Concurrency
import HTTPServer
import Testing

@Suite struct UploadTests {
  @Test func aSlowReaderSlowsTheClientDown() async throws {
    let mayRead = AsyncSignal()
    let total = 40 << 20
    try await withServer(.init(bodyLimit: 64 << 20)) { request in
      do {
        try await mayRead.wait()
        var count = 0
        for try await bytes in request.body { count += bytes.count }
        return .text("\(count)")
      } catch {
        return .text("\(error)", status: 500)
      }
    } _: { port, _ in
      let socket = try await onThread { try RawSocket(port: port) }
      let sent = try await onThread {
        try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(total)\r\n\r\n")
        return socket.sendWhileTaken([UInt8](repeating: 65, count: total))
      }
      // What is on its way lies in the kernel's buffers.
      #expect(sent < 20 << 20)
      mayRead.fire()
      let body = try await onThread {
        try socket.send([UInt8](repeating: 66, count: total - sent))
        return try socket.receiveResponse().body
      }
      #expect(body == "\(total)")
    }
  }

  @Test func chunkedBodies() async throws {
    try await withServer(handler: echo) { port, _ in
      let body = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        try socket.send("a\r\n0123456789\r\n0\r\n\r\n")
        return try socket.receiveResponse().body
      }
      #expect(body == "abc0123456789")
    }
  }

  @Test func clientsMayAskBeforeTheySend() async throws {
    try await withServer(handler: echo) { port, _ in
      let (interim, body) = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        let interim = try socket.receive(until: "\r\n\r\n")
        try socket.send("ok")
        return (interim, try socket.receiveResponse().body)
      }
      #expect(interim.hasPrefix("HTTP/1.1 100 "))
      #expect(body == "ok")
    }
  }

  @Test(arguments: [false, true]) func bodiesAboveTheLimitGet413(chunked: Bool) async throws {
    let ended = AsyncSignal()
    try await withServer(.init(bodyLimit: 1_000)) { request in
      defer { ended.fire() }
      return await echo(request)
    } _: { port, _ in
      let answers = try await onThread { () -> [String] in
        var answers: [String] = []
        for length in [1_000, 1_001] {
          let socket = try RawSocket(port: port)
          let body = String(repeating: "x", count: length)
          if chunked {
            try socket.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try socket.send("\(String(length, radix: 16))\r\n\(body)\r\n0\r\n\r\n")
          } else {
            try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n")
            if length <= 1_000 { try socket.send(body) }
          }
          answers.append(try socket.receiveResponse().head)
        }
        return answers
      }
      #expect(answers[0].hasPrefix("HTTP/1.1 200 "))
      #expect(answers[1].hasPrefix("HTTP/1.1 413 "))
      try await ended.wait()
    }
  }

  @Test func handlersMayAnswerWithoutReading() async throws {
    try await withServer { _ in
      .text("no", status: 403)
    } _: { port, _ in
      let bodies = try await onThread {
        let socket = try RawSocket(port: port)
        return try (0..<2).map { _ in
          try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n")
          try socket.send([UInt8](repeating: 65, count: 3_000_000))
          return try socket.receiveResponse().body
        }
      }
      #expect(bodies == ["no", "no"])
    }
  }

  @Test func aClientThatGoesInTheMiddleIsAnErrorOfTheBody() async throws {
    let error = Locked<(any Error)?>(nil)
    let ended = AsyncSignal()
    try await withServer { request in
      do {
        _ = try await request.collectBody(upTo: .max)
      } catch let caught {
        error.withLock { $0 = caught }
      }
      ended.fire()
      return .text("")
    } _: { port, _ in
      try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
        socket.hangUp()
      }
      try await ended.wait()
      // Which of the two comes first is a race of the connection's end with the task's cancellation.
      let caught = error.withLock { $0 }
      #expect(caught as? HTTPRequestBodyError == .closedEarly || caught is CancellationError)
    }
  }
}
