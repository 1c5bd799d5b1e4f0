import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

/// The same server under TLS, where the library buffers what it has decrypted: suspended connections must still go on,
/// and their ends be noticed.
@Suite struct TLSTests {
  private let certificate: TestCertificate
  private let client: HTTPClient

  init() async throws {
    certificate = try await TestCertificate()
    client = HTTPClient(.init(certificateAuthorityFile: certificate.certificateFile))
  }

  private func withTLSServer(
    headerTimeout: Duration = .seconds(15), handler: @escaping HTTPServer.Handler,
    _ test: (_ url: String, _ server: HTTPServer) async throws -> Void
  ) async throws {
    let configuration = HTTPServer.Configuration(
      tls: try certificate.identity, bodyLimit: 64 << 20, headerTimeout: headerTimeout)
    try await withServer(configuration, handler: handler) { port, server in
      try await test("https://127.0.0.1:\(port)", server)
    }
  }

  private func text(_ request: HTTPClientRequest) async throws -> String {
    String(decoding: try await client.send(request).collect(upTo: 64 << 20), as: UTF8.self)
  }

  @Test func requestsOfTrustingClientsAreAnswered() async throws {
    try await withTLSServer(handler: echo) { url, _ in
      let hello = try await text(HTTPClientRequest(.post, url: url, body: Array("hello".utf8)))
      let again = try await text(HTTPClientRequest(.post, url: url, body: Array("again".utf8)))
      #expect((hello, again) == ("hello", "again"))

      let distrusting = HTTPClient()
      let refused = await #expect(throws: HTTPClientError.self) { try await distrusting.send(.init(url: url)) }
      #expect(refused?.code == .tls)
      let plain = url.replacing("https:", with: "http:")
      let broken = await #expect(throws: HTTPClientError.self) { try await client.send(.init(url: plain)) }
      #expect(broken?.code == .closedEarly)
      let after = try await text(HTTPClientRequest(.post, url: url, body: [65]))
      #expect(after == "A")
      distrusting.shutdown()
    }
  }

  @Test func suspendedRequestsGoOn() async throws {
    let count = 30
    let inside = Locked(0)
    let all = AsyncSignal()
    try await withTLSServer { _ in
      let isLast = inside.withLock {
        $0 += 1
        return $0 == count
      }
      if isLast { all.fire() }
      guard (try? await all.wait()) != nil else { return .text("cancelled", status: 500) }
      return .text("together")
    } _: { url, _ in
      let answers = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<count { group.addTask { try await text(HTTPClientRequest(url: url)) } }
        return try await group.reduce(into: [String]()) { $0.append($1) }
      }
      #expect(answers == Array(repeating: "together", count: count))
    }
  }

  /// Pieces of a body that were decrypted while the connection was suspended are not forgotten.
  @Test func aSlowReaderGetsTheWholeBody() async throws {
    let total = 8 << 20
    try await withTLSServer { request in
      do {
        var count = 0
        var pieces = 0
        for try await bytes in request.body {
          count += bytes.count
          pieces += 1
          if pieces < 50 { try await Task.sleep(for: .milliseconds(2)) }
        }
        return .text("\(count)")
      } catch {
        return .text("\(error)", status: 500)
      }
    } _: { url, _ in
      let answer = try await text(HTTPClientRequest(.post, url: url, body: [UInt8](repeating: 65, count: total)))
      #expect(answer == "\(total)")
    }
  }

  @Test func aSlowClientGetsTheWholeStream() async throws {
    let pieces = 500
    try await withTLSServer { _ in
      HTTPResponse(
        body: .stream { writer in
          for _ in 0..<pieces { try await writer.write([UInt8](repeating: 65, count: 16_384)) }
        })
    } _: { url, _ in
      var received = 0
      for try await bytes in try await client.send(HTTPClientRequest(url: url)).body {
        if received == 0 { try await Task.sleep(for: .milliseconds(200)) }
        received += bytes.count
      }
      #expect(received == pieces * 16_384)
    }
  }

  /// The next event is written only after the last one was seen, so each has to leave a suspended connection.
  @Test func eventsArriveOneByOne() async throws {
    let seen = Locked(0)
    try await withTLSServer { _ in
      HTTPResponse(
        fields: ["Content-Type": "text/event-stream"],
        body: .stream { writer in
          for number in 1...5 {
            try await writer.write(ServerSentEvent(id: "\(number)", data: "x").bytes)
            try await eventually { seen.withLock { $0 } == number }
          }
        })
    } _: { url, _ in
      var decoder = ServerSentEventDecoder()
      for try await bytes in try await client.send(HTTPClientRequest(url: url)).body {
        for event in try decoder.feed(bytes) { seen.withLock { $0 = event.id.flatMap { Int($0) } ?? 0 } }
      }
      #expect(seen.withLock { $0 } == 5)
    }
  }

  @Test func aDisconnectCancelsTheHandler() async throws {
    let started = AsyncSignal()
    let cancelled = AsyncSignal()
    try await withTLSServer { _ in
      started.fire()
      await waitForCancellation(cancelled)
      return .text("late")
    } _: { url, server in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await client.send(HTTPClientRequest(url: url)) }
        try await started.wait()
        #expect(!cancelled.isFired)
        group.cancelAll()
        await #expect(throws: HTTPClientError.self) { try await group.waitForAll() }
      }
      try await cancelled.wait()
      try await eventually { server.requestsUnderWay == 0 }
    }
  }

  /// Nothing, no TLS, and the beginning of a handshake.
  @Test(arguments: ["", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{7f}\u{1}"])
  func aHandshakeThatDoesNotEndIsCutOff(sent: String) async throws {
    try await withTLSServer(headerTimeout: .milliseconds(300), handler: echo) { url, server in
      let port = server.port
      let elapsed = try await onThread {
        let start = ContinuousClock.now
        let socket = try RawSocket(port: port)
        try socket.send(sent)
        let answer = try socket.receiveAll()
        if answer.hasPrefix("HTTP") { Issue.record("answered without TLS: \(answer)") }
        return ContinuousClock.now - start
      }
      #expect(elapsed < .seconds(15))
      let answer = try await text(HTTPClientRequest(.post, url: url, body: [65]))
      #expect(answer == "A")
    }
  }

  @Test func stoppingEndsWhatIsSuspended() async throws {
    let count = 10
    let started = Locked(0)
    let cancelled = Locked(0)
    let server = HTTPServer(HTTPServer.Configuration(tls: try certificate.identity)) { request in
      started.withLock { $0 += 1 }
      if request.path == "/stream" {
        return HTTPResponse(
          body: .stream { writer in
            defer { cancelled.withLock { $0 += 1 } }
            try await writer.write("first")
            try await Task.sleep(for: .seconds(3_600))
          })
      }
      do { try await Task.sleep(for: .seconds(3_600)) } catch { cancelled.withLock { $0 += 1 } }
      return .text("late")
    }
    try server.start()
    let url = "https://127.0.0.1:\(server.port)"
    let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<2 * count {
        let path = number.isMultiple(of: 2) ? "/wait" : "/stream"
        group.addTask { (try? await text(HTTPClientRequest(url: url + path))) == nil }
      }
      try await eventually { started.withLock { $0 } == 2 * count }
      await server.stop()
      return try await group.reduce(0) { $1 ? $0 + 1 : $0 }
    }
    #expect(failures == 2 * count)
    #expect(cancelled.withLock { $0 } == 2 * count)
  }

  @Test func whatTheLibraryDoesNotTakeIsAnError() async throws {
    let other = try await TestCertificate()
    let wrong = TLSIdentity(
      certificates: try certificate.identity.certificates, privateKey: try other.identity.privateKey)
    let server = HTTPServer(.init(tls: wrong), handler: echo)
    let error = try #require(throws: HTTPServerError.self) { try server.start() }
    #expect(error.description.contains("libmicrohttpd does not start: "))
    #expect(!error.description.contains("PRIVATE KEY"))
    #expect("\(wrong)" == "a certificate and its key")
  }
}
