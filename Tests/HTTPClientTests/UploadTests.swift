import Concurrency
import HTTPClient
import HTTPTypes
import Testing

/// Request bodies that are produced while they are sent.
struct UploadTests {
  private let client = HTTPClient()

  /// Reads a chunked body and answers with its length.
  private func reading(after gate: @escaping @Sendable (RawConnection) -> Void = { _ in }) -> RawServer {
    RawServer { connection in
      connection.readHead()
      gate(connection)
      var total = 0
      while let size = Self.chunkSize(connection) {
        if size == 0 { break }
        total += connection.readAll(size).count
        _ = connection.readAll(2)
      }
      _ = connection.readAll(2)
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(String(total).utf8.count)\r\n\r\n\(total)")
    }
  }

  private static func chunkSize(_ connection: RawConnection) -> Int? {
    var line: [UInt8] = []
    while let byte = connection.read(1) {
      line += byte
      if line.suffix(2) == [13, 10] { return Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) }
    }
    return nil
  }

  private func upload(_ server: RawServer, _ upload: HTTPClientUpload) async throws -> (status: Int, body: String) {
    var request = HTTPClientRequest(.post, url: server.url)
    request.upload = upload
    let response = try await client.send(request)
    return (response.status, String(decoding: try await response.collect(upTo: 1000), as: UTF8.self))
  }

  @Test(arguments: [0, 1, 100, 3000])
  func piecesArriveAsOneBody(pieces: Int) async throws {
    let server = reading()
    let answer = try await upload(server, HTTPClientUpload(Pieces(count: pieces, size: 1000)))
    #expect(answer == (200, "\(pieces * 1000)"))
    #expect(server.connections[0].requests[0].contains("Transfer-Encoding: chunked"))
  }

  @Test func aReceiverThatWaitsStopsTheProducer() async throws {
    let released = Locked(false)
    let server = reading { _ in while !released.withLock({ $0 }) { Thread.sleep(milliseconds: 2) } }
    let pieces = Pieces(count: 1000, size: 1 << 16)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let answer = try await upload(server, HTTPClientUpload(pieces))
        #expect(answer == (200, "\(1000 << 16)"))
      }
      var last = -1
      #expect(
        try await eventually(within: .seconds(20)) {
          defer { last = pieces.producedCount }
          return last > 0 && pieces.producedCount == last
        })
      try await Task.sleep(for: .milliseconds(50))
      #expect(pieces.producedCount < 500)
      released.withLock { $0 = true }
      try await group.waitForAll()
    }
    #expect(pieces.producedCount == 1000)
  }

  @Test func aRefusalEndsTheUpload() async throws {
    let server = RawServer { connection in
      connection.readHead()
      connection.send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig")
      connection.waitForClose()
    }
    let pieces = Pieces(count: .max, size: 1 << 16)
    let answer = try await upload(server, HTTPClientUpload(pieces))
    #expect(answer == (413, "big"))
  }

  @Test func aFailingProducerFailsTheRequestAndNeverLooksComplete() async throws {
    let server = reading()
    let error = await #expect(throws: HTTPClientError.self) {
      try await upload(server, HTTPClientUpload(Pieces(count: 10, size: 100, failsAt: 5)))
    }
    #expect(error?.code == .uploadFailed)
    #expect(error?.description.contains("piece 5") == true)
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? true })
  }

  @Test func cancelEndsProducerAndConnection() async throws {
    let server = RawServer { connection in
      connection.readHead()
      connection.waitForClose()
    }
    let pieces = Pieces(count: 3, size: 10, thenHangs: true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let error = await failure { _ = try await upload(server, HTTPClientUpload(pieces)) }
        #expect(error?.code == .cancelled)
      }
      #expect(try await eventually { pieces.producedCount == 3 })
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(try await eventually { server.connections.first?.sawPeerClose ?? true })
  }

  @Test func bodyAndUploadExcludeEachOther() async throws {
    var request = HTTPClientRequest(.post, url: "http://127.0.0.1:1/", body: [1])
    request.upload = HTTPClientUpload(Pieces(count: 1, size: 1))
    let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    #expect(error?.code == .invalidRequest)
  }
}

/// A sequence that counts what was asked of it.
private final class Pieces: AsyncSequence, Sendable {
  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  private let count: Int
  private let size: Int
  private let failsAt: Int?
  private let thenHangs: Bool
  private let produced = Locked(0)

  init(count: Int, size: Int, failsAt: Int? = nil, thenHangs: Bool = false) {
    self.count = count
    self.size = size
    self.failsAt = failsAt
    self.thenHangs = thenHangs
  }

  var producedCount: Int { produced.withLock { $0 } }

  struct AsyncIterator: AsyncIteratorProtocol {
    let pieces: Pieces

    mutating func next() async throws -> [UInt8]? {
      let index = pieces.producedCount
      if index == pieces.failsAt { throw Broken(description: "piece \(index) is broken") }
      if index == pieces.count {
        if pieces.thenHangs { try await Task.sleep(for: .seconds(3600)) }
        return nil
      }
      pieces.produced.withLock { $0 += 1 }
      return [UInt8](repeating: 1, count: pieces.size)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }
}
