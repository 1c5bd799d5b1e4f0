import Concurrency
import HTTPClient
import HTTPTypes
import Testing

/// What comes back for each form of an answer that HTTP/1.1 has.
struct AnswerTests {
  private let client = HTTPClient()

  private func get(_ server: RawServer, _ path: String = "/", limit: Int = 1 << 20) async throws -> (Int, String) {
    let response = try await client.send(HTTPClientRequest(url: server.url + path))
    return (response.status, String(decoding: try await response.collect(upTo: limit), as: UTF8.self))
  }

  private func answering(_ text: String) -> RawServer {
    RawServer { connection in
      connection.readHead()
      connection.send(text)
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
    ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, ""),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", 200, "hello"),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", 200,
      "hello"
    ),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the end", 200, "up to the end"),
    ("HTTP/1.0 200 OK\r\n\r\nold", 200, "old"),
    ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
    ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno", 302, "no"),
    ("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
    (
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
        + "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201, "ok"
    ),
  ])
  func forms(answer: String, status: Int, body: String) async throws {
    let got = try await get(answering(answer))
    #expect(got == (status, body))
    let server = answering(answer)
    let whole = try await client.fetch(HTTPClientRequest(url: server.url), upTo: 1 << 20)
    #expect(whole.head.status == status)
    #expect(whole.body == Array(body.utf8))
  }

  @Test func aWholeAnswerMayBeLargerThanWhatIsKeptUnread() async throws {
    let size = 3_000_000
    let server = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
      connection.send([UInt8](repeating: 7, count: size))
    }
    let request = HTTPClientRequest(url: server.url)
    #expect(try await client.fetch(request, upTo: size).body.count == size)
    let error = await #expect(throws: HTTPClientError.self) { try await client.fetch(request, upTo: size - 1) }
    #expect(error?.code == .tooLarge)
  }

  @Test func aWholeAnswerThatIsCutIsAnError() async throws {
    let server = answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.fetch(HTTPClientRequest(url: server.url), upTo: 100)
    }
    #expect(error?.code == .closedEarly)
  }

  @Test func everyCutOfAnAnswerGivesTheSame() async throws {
    let answer = "HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    let bytes = Array(answer.utf8)
    let server = RawServer { connection in
      // Each request names the place of the cut; the second half goes out when the client has taken the first.
      while let head = connection.readHead(),
        let cut = head.split(separator: " ").dropFirst().first.flatMap({ Int($0.dropFirst()) })
      {
        connection.send(Array(bytes[..<cut]))
        connection.send(Array(bytes[cut...]))
      }
    }
    for cut in 1..<bytes.count {
      let got = try await get(server, "/\(cut)")
      #expect(got == (200, "hello"), "cut at \(cut)")
    }
  }

  @Test func fieldsKeepOrderAndRepetitions() async throws {
    let server = answering(
      "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Empty:\r\nX-Folded: one\r\n  two\r\nset-cookie:  b=2 \r\nContent-Length: 0\r\n\r\n"
    )
    let response = try await client.send(HTTPClientRequest(url: server.url))
    #expect(response.fields.all("Set-Cookie") == ["a=1", "b=2"])
    #expect(response.fields["x-empty"] == "")
    #expect(response.fields["X-Folded"] == "one two")
    #expect(response.fields.map(\.name) == ["Set-Cookie", "X-Empty", "X-Folded", "set-cookie", "Content-Length"])
  }

  @Test func headHasNoBody() async throws {
    let server = answering("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
    let response = try await client.send(HTTPClientRequest(.head, url: server.url))
    #expect(response.fields["Content-Length"] == "50")
    #expect(try await response.collect(upTo: 10_000).isEmpty)
  }

  @Test func aBodyOverTheLimitIsRefused() async throws {
    let body = String(repeating: "x", count: 2000)
    let announced = answering("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + body)
    let unannounced = answering("HTTP/1.1 200 OK\r\n\r\n" + body)
    for server in [announced, unannounced] {
      let error = await #expect(throws: HTTPClientError.self) { try await get(server, limit: 1999) }
      #expect(error?.code == .tooLarge)
      #expect(try await get(server, limit: 2000).1 == body)
    }
  }

  @Test(arguments: [
    "garbage", "\r\n\r\n", "220 mail.example ESMTP\r\n", "HTTP/1.1 abc OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
  ])
  func garbageIsAnError(answer: String) async throws {
    let error = await #expect(throws: HTTPClientError.self) { try await get(answering(answer)) }
    #expect([.invalidResponse, .closedEarly].contains(error?.code), "\(String(describing: error))")
  }

  @Test func endlessHeadersAreRefused() async throws {
    let server = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 200 OK\r\n")
      while connection.send("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
    }
    let error = await #expect(throws: HTTPClientError.self) { try await get(server) }
    #expect(error?.code == .tooLarge)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
  ])
  func anEarlyEndIsAnError(answer: String) async throws {
    let error = await #expect(throws: HTTPClientError.self) { try await get(answering(answer)) }
    #expect(error?.code == .closedEarly, "\(String(describing: error))")
  }

  @Test func whatCameBeforeAnEarlyEndCanBeRead() async throws {
    let server = answering("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
    let response = try await client.send(HTTPClientRequest(url: server.url))
    var chunks = response.body.makeAsyncIterator()
    #expect(try await chunks.next() == Array("hello".utf8))
    await #expect(throws: HTTPClientError.self) { try await chunks.next() }
  }
}
