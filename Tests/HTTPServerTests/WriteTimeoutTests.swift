import Concurrency
import Glibc
import HTTPServer
import Testing

/// Clients that do not take their answers.
@Suite struct WriteTimeoutTests {
  /// More than the system keeps for the two ends of a connection.
  private static let size = 32 << 20
  /// In no head and in no length of a chunk.
  private static let letter = UInt8(ascii: "~")

  private static func answer(isStream: Bool, failed: AsyncSignal) -> HTTPResponse {
    guard isStream else { return HTTPResponse(body: .bytes([UInt8](repeating: letter, count: size))) }
    return HTTPResponse(
      body: .stream { writer in
        do {
          for _ in 0..<(size >> 16) { try await writer.write([UInt8](repeating: letter, count: 1 << 16)) }
        } catch {
          failed.fire()
          throw error
        }
      })
  }

  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func whoDoesNotReadIsLetGo(isStream: Bool) async throws {
    let failed = AsyncSignal()
    try await withServer(.init(writeTimeout: .seconds(1))) { _ in
      Self.answer(isStream: isStream, failed: failed)
    } _: { port, server in
      let socket = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try socket.receive(until: "HTTP/1.1 200 OK\r\n")
        return socket
      }
      #expect(server.requestsUnderWay == 1)
      try await eventually { server.connectionCount == 0 }
      #expect(server.requestsUnderWay == 0)
      if isStream { try await failed.wait() }
      let received = try await onThread { try socket.receiveAll().utf8.count }
      #expect(received < Self.size)
    }
  }

  /// Longer than the timeout in all, but never for so long without taking something.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func whoReadsSlowlyGetsAll(isStream: Bool) async throws {
    let failed = AsyncSignal()
    try await withServer(.init(writeTimeout: .seconds(2))) { _ in
      Self.answer(isStream: isStream, failed: failed)
    } _: { port, _ in
      let received = try await onThread {
        let socket = try RawSocket(port: port)
        try socket.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        var received = 0
        var pause = 0
        while case let bytes = try socket.receive(1 << 20), !bytes.isEmpty {
          received += bytes.count { $0 == Self.letter }
          if received >> 21 > pause {
            pause = received >> 21
            usleep(200_000)
          }
        }
        return received
      }
      #expect(received == Self.size)
      #expect(!failed.isFired)
    }
  }
}
