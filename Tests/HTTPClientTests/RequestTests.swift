import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import Testing

/// What goes out, and what is refused before anything does.
struct RequestTests {
  private let client = HTTPClient()

  /// Answers `ok` to every request of a connection, with the bodies read by their Content-Length.
  private let server = RawServer { connection in
    while let head = connection.readHead() {
      let lines = head.lowercased().split(separator: "\r\n")
      if let length = lines.first(where: { $0.hasPrefix("content-length:") }) {
        _ = connection.readAll(Int(length.dropFirst(15).drop { $0 == " " }) ?? 0)
      }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }
  }

  private func send(_ request: HTTPClientRequest) async throws {
    _ = try await client.send(request).collect(upTo: 100)
  }

  private var requests: [String] { server.connections.flatMap(\.requests) }

  @Test func theHeadIsWhatWasAskedFor() async throws {
    var request = HTTPClientRequest(url: server.url + "/a/../b%2Fc//d?x=1&y=a%20b")
    request.fields["Accept"] = "text/event-stream"
    request.fields["X-Empty"] = ""
    try await send(request)
    let host = server.url.dropFirst(7)
    #expect(
      requests == [
        "GET /a/../b%2Fc//d?x=1&y=a%20b HTTP/1.1\r\nHost: \(host)\r\nAccept: text/event-stream\r\nX-Empty:"
      ])
  }

  @Test func bodiesAndMethods() async throws {
    try await send(HTTPClientRequest(.put, url: server.url, body: Array("12345".utf8)))
    try await send(HTTPClientRequest(.post, url: server.url))
    try await send(HTTPClientRequest(.delete, url: server.url))
    var typed = HTTPClientRequest(.post, url: server.url, body: [])
    typed.fields["Content-Type"] = "application/json"
    try await send(typed)
    let lines = requests.map {
      Set($0.split(separator: "\r\n").filter { !$0.hasPrefix("Host") && !$0.hasPrefix("Accept") })
    }
    #expect(
      Set(lines) == [
        ["PUT / HTTP/1.1", "Content-Length: 5"], ["POST / HTTP/1.1", "Content-Length: 0"], ["DELETE / HTTP/1.1"],
        ["POST / HTTP/1.1", "Content-Length: 0", "Content-Type: application/json"],
      ])
  }

  @Test func aBodyOfManyMegabytesArrivesWhole() async throws {
    let size = 20_000_000
    try await send(HTTPClientRequest(.post, url: server.url, body: [UInt8](repeating: 7, count: size)))
    #expect(server.connections.map(\.receivedCount).max() ?? 0 > size)
  }

  @Test func basicAuthorizationIsSentAndNeverShown() async throws {
    var request = HTTPClientRequest(url: server.url)
    request.basicAuthorization = BasicAuthorization(user: "marathon", password: "s3cr:et")
    try await send(request)
    #expect(requests[0].contains("Authorization: Basic bWFyYXRob246czNjcjpldA=="))

    request.url = "http://127.0.0.1:\(RawServer.unusedPort())/x?token=s3cr"
    let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    #expect(error?.code == .connectionRefused)
    #expect(error?.description.contains("s3cr") == false)
    #expect(error?.description.contains("GET http://127.0.0.1:") == true)
  }

  @Test func requestsShareAConnectionAndChangesWithoutABodyTakeAFreshOne() async throws {
    for _ in 0..<10 {
      try await send(HTTPClientRequest(url: server.url))
      try await send(HTTPClientRequest(.put, url: server.url, body: Array("12345".utf8)))
    }
    #expect(server.connections.count == 1)
    try await send(HTTPClientRequest(.post, url: server.url))
    try await send(HTTPClientRequest(.delete, url: server.url))
    #expect(server.connections.count == 3)
  }

  @Test func aKeptConnectionThatWasClosedIsReplaced() async throws {
    let closing = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }
    for _ in 0..<20 {
      let response = try await client.send(HTTPClientRequest(url: closing.url))
      #expect(try await response.collect(upTo: 10) == Array("ok".utf8))
    }
    #expect(closing.connections.count == 20)
  }

  @Test func aChangeIsNeverSentTwice() async throws {
    let deaf = RawServer { $0.readHead() }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
      let error = await #expect(throws: HTTPClientError.self) {
        try await client.send(HTTPClientRequest(HTTPMethod(rawValue: method), url: deaf.url))
      }
      #expect(error?.code == .closedEarly)
    }
    #expect(deaf.connections.flatMap(\.requests).count == 4)
  }

  @Test func aChangeIsNeverSentTwiceOnAKeptConnection() async throws {
    let deaf = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      connection.readHead()
      _ = connection.readAll(5)
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
      try await send(HTTPClientRequest(url: deaf.url))
      let error = await #expect(throws: HTTPClientError.self) {
        try await client.send(
          HTTPClientRequest(HTTPMethod(rawValue: method), url: deaf.url, body: Array("12345".utf8)))
      }
      #expect(error?.code == .closedEarly)
      #expect(error?.isBeforeSending == false)
    }
    // libcurl may connect once more before it finds that it has nothing to send again.
    #expect(deaf.connections.filter { $0.receivedCount > 0 }.map(\.requests.count) == [2, 2, 2, 2])
  }

  @Test func aChangeThatWasSentIsInDoubtAlsoWhereNothingListensAnyMore() async throws {
    let stop = Locked<(@Sendable () -> Void)?>(nil)
    let dying = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      connection.readHead()
      _ = connection.readAll(5)
      stop.withLock { $0 }?()
    }
    stop.withLock { $0 = { [weak dying] in dying?.stop() } }
    try await send(HTTPClientRequest(url: dying.url))
    let change = HTTPClientRequest(.post, url: dying.url, body: Array("12345".utf8))
    let sent = await #expect(throws: HTTPClientError.self) { try await client.send(change) }
    #expect(sent?.code == .closedEarly)
    #expect(sent?.isBeforeSending == false)
    #expect(dying.connections.map(\.requests.count) == [2])
    let unsent = await #expect(throws: HTTPClientError.self) { try await client.send(change) }
    #expect(unsent?.code == .connectionRefused)
    #expect(unsent?.isBeforeSending == true)
  }

  @Test func aPortThatDoesNotAnswerEndsWithTheConnectTimeout() async throws {
    let (port, descriptors) = RawServer.deafPort()
    defer { for descriptor in descriptors { close(descriptor) } }
    let request = HTTPClientRequest(.post, url: "http://127.0.0.1:\(port)/", connectTimeout: .milliseconds(100))
    let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    #expect(error?.code == .connectTimeout)
    #expect(error?.isBeforeSending == true)
    #expect(error?.description.contains("0.1 seconds") == true)
  }

  @Test(arguments: [
    "", "/v2/apps", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x", "http://a b/",
    "http://h/\r\nX: 1",
    "http://user:pw@127.0.0.1/", "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://ümlaut/",
  ])
  func badURLs(url: String) async throws {
    let error = await #expect(throws: HTTPClientError.self) { try await client.send(HTTPClientRequest(url: url)) }
    #expect(error?.code == .invalidURL, "\(String(describing: error))")
    #expect(error?.description.contains("pw") == false)
  }

  @Test(arguments: [
    ("X", "a\r\nY: 1"), ("X", "a\n"), ("X", "a\u{0}b"), ("X Y", "1"), ("X:", "1"), ("", "1"), ("X\r\nY", "1"),
    ("Content-Length", "3"), ("transfer-encoding", "chunked"), ("Expect", "100-continue"),
  ])
  func badHeaders(name: String, value: String) async throws {
    var request = HTTPClientRequest(url: server.url)
    request.fields.append(name, value)
    let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    #expect(error?.code == .invalidRequest)
    #expect(requests.isEmpty)
  }

  @Test(arguments: ["GET /x HTTP/1.1\r\nA: b", "", "GE T", "GÉT"])
  func badMethods(method: String) async throws {
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPClientRequest(HTTPMethod(rawValue: method), url: server.url))
    }
    #expect(error?.code == .invalidRequest)
  }

  @Test func addressesAreCheckedBeforeConnecting() async throws {
    let seen = Locked<[PeerAddress]>([])
    let strict = HTTPClient(
      HTTPClient.Configuration(allowsAddress: { address in
        seen.withLock { $0.append(address) }
        return !address.isLoopback
      }))
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
      let url = "http://\(host):\(server.port)/"
      let error = await #expect(throws: HTTPClientError.self) { try await strict.send(HTTPClientRequest(url: url)) }
      #expect(error?.code == .addressRefused, "\(host): \(String(describing: error))")
    }
    #expect(seen.withLock { $0.contains(.v4([127, 0, 0, 1])) })
    #expect(server.connections.isEmpty)
  }
}
