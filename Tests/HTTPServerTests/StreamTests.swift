import Concurrency
import HTTPServer
import Testing

/// Bodies that are written over a long time.
@Suite struct StreamTests {
  /// The memory that a stream does not need while it waits is given back: what was not yet sent is not in it.
  @Test func nothingIsLostWhereAStreamWaits() async throws {
    let sizes = [10, 30_000, 1, 5_000, 100_000, 4_096, 200]
    let read = Locked(0)
    try await withServer { _ in
      HTTPResponse(
        body: .stream { writer in
          var written = 0
          for (number, size) in sizes.enumerated() {
            try await writer.write([UInt8](repeating: UInt8(ascii: "a") + UInt8(number), count: size))
            written += size
            try await eventually { read.withLock { $0 } == written }
          }
        })
    } _: { port, _ in
      let body = try await onThread {
        let socket = try RawSocket(port: port)
        // A head of more than a page lies before it in the same memory.
        try socket.send("GET / HTTP/1.0\r\nHost: h\r\nX: \(String(repeating: "x", count: 9_000))\r\n\r\n")
        _ = try socket.receive(until: "\r\n\r\n")
        var body: [UInt8] = []
        while case let bytes = try socket.receive(), !bytes.isEmpty {
          body += bytes
          read.withLock { $0 = body.count }
        }
        return body
      }
      let expected = sizes.enumerated().flatMap { number, size in
        [UInt8](repeating: UInt8(ascii: "a") + UInt8(number), count: size)
      }
      #expect(body == expected)
    }
  }

  @Test func nothingIsLostInChunksEither() async throws {
    let sizes = [10, 30_000, 1, 5_000, 100_000, 4_096, 200]
    // Sizes and ends of chunks have no such byte.
    let read = Locked(0)
    try await withServer { _ in
      HTTPResponse(
        body: .stream { writer in
          var written = 0
          for size in sizes {
            try await writer.write([UInt8](repeating: UInt8(ascii: "x"), count: size))
            written += size
            try await eventually { read.withLock { $0 } == written }
          }
        })
    } _: { port, _ in
      let end = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        _ = try socket.receive(until: "\r\n\r\n")
        var end: [UInt8] = []
        while case let bytes = try socket.receive(), !bytes.isEmpty {
          read.withLock { $0 += bytes.count { $0 == UInt8(ascii: "x") } }
          end = (end + bytes).suffix(8)
        }
        return String(decoding: end, as: UTF8.self)
      }
      #expect(read.withLock { $0 } == sizes.reduce(0, +))
      #expect(end.hasSuffix("\r\n0\r\n\r\n"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func whoLeftWhileTheHandlerWasAtWorkIsNotWrittenTo() async throws {
    let started = AsyncSignal()
    let handlerCancelled = AsyncSignal()
    let bodyCancelled = AsyncSignal()
    try await withServer { _ in
      started.fire()
      await waitForCancellation(handlerCancelled)
      return HTTPResponse(body: .stream { _ in await waitForCancellation(bodyCancelled) })
    } _: { port, _ in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return socket
      }
      try await started.wait()
      socket.hangUp()
      try await handlerCancelled.wait()
      try await bodyCancelled.wait()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func whoLeavesWhileTheBodyIsWrittenCancelsIt() async throws {
    let bodyCancelled = AsyncSignal()
    try await withServer { _ in
      HTTPResponse(
        body: .stream { writer in
          try await writer.write("begun")
          await waitForCancellation(bodyCancelled)
        })
    } _: { port, _ in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try socket.receive(until: "begun")
        return socket
      }
      socket.hangUp()
      try await bodyCancelled.wait()
    }
  }
}
