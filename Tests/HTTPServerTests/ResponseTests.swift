import Concurrency
import HTTPServer
import HTTPTypes
import Testing

@Suite struct ResponseTests {
  @Test func streamsArriveInChunks() async throws {
    try await withServer { _ in
      HTTPResponse(
        fields: ["Content-Type": "text/plain"],
        body: .stream { writer in for part in ["one,", "two,", "three"] { try await writer.write(part) } })
    } _: { port, _ in
      let (head, body) = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return (try socket.receive(until: "\r\n\r\n"), try socket.receiveAll())
      }
      #expect(head.contains("Transfer-Encoding: chunked"))
      let text = body.split(separator: "\r\n").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
      #expect(text.joined() == "one,two,three")
      #expect(body.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test func aSlowReaderStopsTheWriter() async throws {
    let written = Locked(0)
    let cancelled = AsyncSignal()
    try await withServer { _ in
      HTTPResponse(
        body: .stream { writer in
          do {
            while true {
              try await writer.write([UInt8](repeating: 65, count: 16_384))
              written.withLock { $0 += 16_384 }
            }
          } catch {
            cancelled.fire()
            throw error
          }
        })
    } _: { port, _ in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try socket.receive(until: "\r\n\r\n")
        return socket
      }
      // The writer stands still once the kernel's buffers are full.
      var before = -1
      for _ in 0..<200 {
        let now = written.withLock { $0 }
        if now == before, now > 0 { break }
        before = now
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(written.withLock { $0 } == before)
      #expect(before < 20 << 20)
      // It goes on when the reader does.
      try await onThread {
        var received = 0
        while received < 8 << 20 { received += try socket.receive().count }
      }
      try await eventually { written.withLock { $0 } > before }
      // And ends when the reader leaves.
      socket.hangUp()
      try await cancelled.wait()
    }
  }

  @Test func aFailedStreamIsBrokenOff() async throws {
    struct Failure: Error {}
    try await withServer { _ in
      HTTPResponse(
        body: .stream { writer in
          try await writer.write("some")
          throw Failure()
        })
    } _: { port, _ in
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return try socket.receiveAll()
      }
      #expect(!answer.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test func headHasTheHeadOnly() async throws {
    let streamed = Locked(false)
    try await withServer { request in
      if request.path == "/bytes" { return .text("12345") }
      return HTTPResponse(
        fields: ["X": "y"],
        body: .stream { writer in
          streamed.withLock { $0 = true }
          try await writer.write("12345")
        })
    } _: { port, _ in
      let (bytes, stream) = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("HEAD /bytes HTTP/1.1\r\nHost: h\r\n\r\n")
        let bytes = try socket.receive(until: "\r\n\r\n")
        try socket.send("HEAD /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return (bytes, try socket.receiveAll())
      }
      #expect(bytes.contains("Content-Length: 5\r\n"))
      #expect(stream.hasPrefix("HTTP/1.1 200 "))
      #expect(stream.contains("X: y\r\n"))
      #expect(stream.hasSuffix("\r\n\r\n"))
      #expect(stream.split(separator: "\r\n\r\n").count == 1)
    }
    #expect(!streamed.withLock { $0 })
  }

  @Test func brokenFieldsAreNotSent() async throws {
    let log = Locked([String]())
    try await withServer(.init(log: { line in log.withLock { $0.append(line) } })) { _ in
      HTTPResponse(fields: ["X": "a\r\nSet-Cookie: evil"])
    } _: { port, _ in
      let answer = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return try socket.receiveResponse().head
      }
      #expect(answer.hasPrefix("HTTP/1.1 500 "))
      #expect(!answer.contains("evil"))
    }
    #expect(log.withLock { $0.contains { $0.contains("header field that cannot be sent: X") } })
  }

  @Test func eventsReachFiftyClients() async throws {
    let clients = 50
    let connected = Locked(0)
    let goAhead = AsyncSignal()
    try await withServer { _ in
      HTTPResponse(
        fields: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
        body: .stream { writer in
          try await writer.write(ServerSentEvent(comment: "hello").bytes)
          connected.withLock { $0 += 1 }
          try await goAhead.wait()
          for number in 1...3 {
            try await writer.write(ServerSentEvent(id: "\(number)", event: "step", data: "{\"n\":\(number)}").bytes)
          }
        })
    } _: { port, server in
      let sockets = try await onThread {
        try (0..<clients).map { _ in
          let socket = try RawSocket(port: port)
          try socket.send("GET /events HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
          _ = try socket.receive(until: ": hello\n\n\r\n")
          return socket
        }
      }
      try await eventually { connected.withLock { $0 } == clients }
      #expect(server.requestsUnderWay == clients)
      goAhead.fire()
      let texts = try await onThread { try sockets.map { try $0.receiveAll() } }
      for text in texts {
        for number in 1...3 { #expect(text.contains("id: \(number)\nevent: step\ndata: {\"n\":\(number)}\n\n")) }
      }
    }
  }
}
