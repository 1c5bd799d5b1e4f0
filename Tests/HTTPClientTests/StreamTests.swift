import Concurrency
import HTTPClient
import HTTPTypes
import Testing

/// Answers that go on and on: back-pressure, idleness, the end from either side.
struct StreamTests {
  private let client = HTTPClient()

  private func streaming(_ serve: @escaping @Sendable (RawConnection) -> Void) -> RawServer {
    RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
      serve(connection)
    }
  }

  private func open(_ server: RawServer, idle: Duration? = nil) async throws -> HTTPClientResponse {
    try await client.send(HTTPClientRequest(url: server.url, timeout: nil, idleTimeout: idle))
  }

  @Test func aSlowReaderStopsTheSender() async throws {
    let total = 64 << 20
    let server = streaming { connection in
      let piece = [UInt8](repeating: 42, count: 1 << 16)
      while connection.sentCount < total, connection.send(piece) {}
    }
    let response = try await open(server)
    let connection = server.connections[0]
    // The sender fills our buffer and the kernel's, then its counter stands still.
    var last = -1
    #expect(
      try await eventually(within: .seconds(20)) {
        defer { last = connection.sentCount }
        return last > 0 && connection.sentCount == last
      })
    try await Task.sleep(for: .milliseconds(100))
    let stopped = connection.sentCount
    #expect(stopped < total / 2)
    #expect(response.body.bufferedCount <= 512 * 1024)
    try await Task.sleep(for: .milliseconds(100))
    #expect(connection.sentCount == stopped)

    var read = 0
    for try await chunk in response.body { read += chunk.count }
    #expect(read + 62 > total - (1 << 16))
    #expect(read <= total + (1 << 16))
  }

  @Test func silenceEndsAStreamAndABusyOneLives() async throws {
    let server = streaming { connection in
      // 60 pieces in 300 ms, each far within the limit of 150 ms, then silence.
      for _ in 0..<60 where connection.send("tick\n") { Thread.sleep(milliseconds: 5) }
      connection.waitForClose()
    }
    let response = try await open(server, idle: .milliseconds(150))
    var text = ""
    let started = ContinuousClock().now
    let error = await #expect(throws: HTTPClientError.self) {
      for try await chunk in response.body { text += String(decoding: chunk, as: UTF8.self) }
    }
    #expect(error?.code == .timeout)
    #expect(text == String(repeating: "tick\n", count: 60))
    #expect(ContinuousClock().now - started < .seconds(5))
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? false })
  }

  @Test func aReaderThatTakesItsTimeIsNotSilence() async throws {
    let server = streaming { connection in connection.send([UInt8](repeating: 1, count: 4 << 20)) }
    let response = try await open(server, idle: .milliseconds(200))
    try await Task.sleep(for: .milliseconds(500))
    var count = 0
    for try await chunk in response.body { count += chunk.count }
    #expect(count == 4 << 20)
  }

  @Test func silenceBeforeTheHeadCountsToo() async throws {
    let server = RawServer { $0.waitForClose() }
    let error = await #expect(throws: HTTPClientError.self) { try await open(server, idle: .milliseconds(50)) }
    #expect(error?.code == .timeout)
  }

  @Test func theWholeExchangeHasALimit() async throws {
    let server = streaming { connection in while connection.send("x") { Thread.sleep(milliseconds: 5) } }
    let response = try await client.send(HTTPClientRequest(url: server.url, timeout: .milliseconds(200)))
    let error = await #expect(throws: HTTPClientError.self) { try await response.collect(upTo: 1 << 20) }
    #expect(error?.code == .timeout)
    #expect(error?.description.contains("0.2 seconds") == true)
  }

  @Test func cancelWhileReadingIsImmediateAndClosesTheConnection() async throws {
    let server = streaming { $0.waitForClose() }
    let response = try await open(server)
    let took = try await withThrowingTaskGroup(of: Duration.self) { group in
      let cancelled = Locked<ContinuousClock.Instant?>(nil)
      group.addTask {
        let error = await failure { for try await _ in response.body {} }
        #expect(error?.code == .cancelled)
        return ContinuousClock().now - (cancelled.withLock { $0 } ?? .now)
      }
      try await Task.sleep(for: .milliseconds(20))
      cancelled.withLock { $0 = .now }
      group.cancelAll()
      return try await group.next() ?? .zero
    }
    #expect(took < .milliseconds(250))
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? false })
  }

  @Test func cancelWhileWaitingForTheHead() async throws {
    let server = RawServer { $0.waitForClose() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let error = await failure { _ = try await open(server) }
        #expect(error?.code == .cancelled)
      }
      #expect(try await eventually { !server.connections.isEmpty })
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? false })
  }

  @Test func aCancelledTaskSendsNothing() async throws {
    let server = streaming { _ in }
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask {
        let error = await failure { _ = try await open(server) }
        #expect(error?.code == .cancelled)
      }
    }
    #expect(server.connections.isEmpty)
  }

  @Test func lettingGoOfTheBodyClosesTheConnection() async throws {
    let server = streaming { $0.waitForClose() }
    var response: HTTPClientResponse? = try await open(server)
    #expect(response?.status == 200)
    response = nil
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? false })
  }

  @Test func shutdownEndsEverything() async throws {
    let server = streaming { $0.waitForClose() }
    let own = HTTPClient()
    let response = try await own.send(HTTPClientRequest(url: server.url, timeout: nil))
    own.shutdown()
    let error = await #expect(throws: HTTPClientError.self) { for try await _ in response.body {} }
    #expect(error?.code == .shutDown)
    let later = await #expect(throws: HTTPClientError.self) { try await own.send(HTTPClientRequest(url: server.url)) }
    #expect(later?.code == .shutDown)
    own.shutdown()
  }

  @Test func aBodyOutlivesTheLastReferenceToItsClient() async throws {
    let server = streaming { connection in
      Thread.sleep(milliseconds: 30)
      connection.send("late")
    }
    let response = try await HTTPClient().send(HTTPClientRequest(url: server.url, timeout: nil))
    #expect(try await response.collect(upTo: 100) == Array("late".utf8))
  }

  @Test func twoHundredAtOnce() async throws {
    let server = RawServer { connection in
      while let head = connection.readHead() {
        let path = head.split(separator: " ")[1]
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
      }
    }
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<200 {
        group.addTask {
          let response = try await client.send(HTTPClientRequest(url: "\(server.url)/\(index)"))
          return String(decoding: try await response.collect(upTo: 100), as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers == Set((0..<200).map { "/\($0)" }))
  }

  /// Adds, pauses, cancels and ends of many transfers cross each other; none may be lost, resumed twice or leaked.
  @Test func cancelsAtRandomMoments() async throws {
    let server = streaming { connection in
      while connection.send([UInt8](repeating: 9, count: 10_000)) {}
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask {
          try await withThrowingTaskGroup(of: Void.self) { inner in
            inner.addTask {
              do {
                let response = try await open(server)
                for try await _ in response.body {}
              } catch let error as HTTPClientError where error.code == .cancelled {}
            }
            try await Task.sleep(for: .microseconds(index * 150))
            inner.cancelAll()
            try await inner.waitForAll()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await eventually { server.connections.allSatisfy { !$0.send("x") } })
  }
}
