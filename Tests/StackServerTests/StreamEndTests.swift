import Concurrency
import Glibc
import HTTPTypes
import JSON
import StackAPI
import StackServer
import Testing

/// Streams on which nothing happens, and clients that go away from them.
@Suite struct StreamEndTests {
  enum Departure: CaseIterable, Sendable {
    case close, reset, closeHalf
  }

  @Test(arguments: ["events", "logs?follow=true"], Departure.allCases)
  func aClientThatLeavesIsNoticedAndFreed(stream: String, departure: Departure) async throws {
    try await ServerFixture.run { server in
      server.marathon.state.withLock { _ = $0.stuck.insert("/a") }
      #expect(try await server.add(simpleStack).status == 200)
      let run = try await server.post(APIRoute.startRun.path(), ["stack": "simple"]).json()["id"]?.intValue ?? 0
      try await eventually { server.marathon.state.withLock { $0.apps["/a"] != nil } }
      let port = try #require(UInt16(server.server.url.split(separator: ":").last ?? ""))

      let client = try QuietClient(port: port)
      client.send("GET /api/v1/runs/\(run)/\(stream) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
      if stream == "events" {
        try await eventually { client.receive().contains(": alive") }
      }
      try await eventually { try await requestsUnderWay(server) == 2 }
      // A client whose machine is gone says nothing: the system asks it from time to time.
      try await eventually { serverSide(of: client, port)?.isKeptAlive == true }

      switch departure {
      case .close: client.close()
      case .reset: client.reset()
      case .closeHalf: client.closeHalf()
      }
      try await eventually { try await requestsUnderWay(server) == 1 }
      try await eventually { serverSide(of: client, port).map(\.isFreed) ?? true }
    }
  }

  /// The one that asks included.
  private func requestsUnderWay(_ server: ServerFixture) async throws -> Int {
    let text = try await server.send(.get, "/metrics").text
    let line = text.split(separator: "\n").first { $0.hasPrefix("stack_deploy_http_requests_under_way ") }
    return Int(line?.split(separator: " ").last ?? "") ?? -1
  }

  private struct TCPEntry {
    var isKeptAlive: Bool
    /// Closed by the server: no process holds it any more.
    var isFreed: Bool
  }

  /// The server's end of the connection as the system lists it.
  private func serverSide(of client: QuietClient, _ port: UInt16) -> TCPEntry? {
    let hex = { (port: UInt16) in
      String(repeating: "0", count: 4 - String(port, radix: 16).count) + String(port, radix: 16).uppercased()
    }
    for line in contents(of: "/proc/net/tcp").split(separator: "\n").dropFirst() {
      let fields = line.split(separator: " ")
      guard fields.count > 9, fields[1].hasSuffix(":\(hex(port))"), fields[2].hasSuffix(":\(hex(client.port))") else {
        continue
      }
      // 02: the keep-alive timer runs. An inode of 0: no descriptor is left.
      return TCPEntry(isKeptAlive: fields[5].hasPrefix("02:"), isFreed: fields[9] == "0")
    }
    return nil
  }

  private func contents(of path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { Glibc.close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A socket that asks and then does nothing.
private final class QuietClient {
  private var socket: Int32
  private(set) var port: UInt16 = 0
  private var received: [UInt8] = []

  init(port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
      }
    }
    try #require(connected)
    self.port = UInt16(bigEndian: address.sin_port)
  }

  deinit { if socket >= 0 { Glibc.close(socket) } }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What has come until now.
  func receive() -> String {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count > 0 { received += buffer[..<count] }
    return String(decoding: received, as: UTF8.self)
  }

  func close() {
    // What has come and was not read would make a reset of it.
    _ = receive()
    Glibc.close(socket)
    socket = -1
  }

  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    Glibc.close(socket)
    socket = -1
  }

  func closeHalf() { shutdown(socket, Int32(SHUT_WR)) }
}
