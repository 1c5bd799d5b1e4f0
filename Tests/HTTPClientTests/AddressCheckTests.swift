import Concurrency
import HTTPClient
import Testing

/// The check that a request brings along. All names here stand for loopback, so nothing else is contacted if it fails.
struct AddressCheckTests {
  private let client = HTTPClient()
  private let server = RawServer { connection in
    while connection.readHead() != nil { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
  }

  private func send(to host: String = "127.0.0.1", _ check: (@Sendable (PeerAddress) -> Bool)?) async throws {
    let request = HTTPClientRequest(url: "http://\(host):\(server.port)/", addressCheck: check)
    _ = try await client.send(request).collect(upTo: 100)
  }

  private func isRefused(to host: String = "127.0.0.1", _ check: @escaping @Sendable (PeerAddress) -> Bool) async
    -> Bool
  {
    let error = await #expect(throws: HTTPClientError.self) { try await send(to: host, check) }
    return error?.code == .addressRefused && error?.isBeforeSending == true
  }

  @Test func itSeesTheAddressInWhateverForm() async {
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0177.0.0.1", "127.1"] {
      let seen = Locked<[PeerAddress]>([])
      #expect(
        await isRefused(to: host) { address in
          seen.withLock { $0.append(address) }
          return false
        }, "\(host)")
      #expect(seen.withLock { $0.contains(.v4([127, 0, 0, 1])) }, "\(host)")
    }
    #expect(server.connections.isEmpty)
  }

  /// A name that stood for a good address and stands for another one at the next request.
  @Test func itIsAskedAnewForEachRequest() async throws {
    let answers = Locked([true, false, true])
    let check: @Sendable (PeerAddress) -> Bool = { _ in answers.withLock { $0.removeFirst() } }
    try await send(check)
    #expect(await isRefused(check))
    try await send(check)
    #expect(server.connections.count == 2)
  }

  /// Else a connection that somebody else was allowed to make would serve whoever is not.
  @Test func keptConnectionsAreNotForRequestsWithACheck() async throws {
    try await send(nil)
    #expect(await isRefused { _ in false })
    try await send { _ in true }
    try await send { _ in true }
    #expect(server.connections.map(\.requests.count) == [1, 1, 1])
    // What was kept first is still there for requests without one.
    try await send(nil)
    #expect(server.connections.map(\.requests.count) == [2, 1, 1])
  }

  @Test func theClientsOwnPolicyHoldsAsWell() async {
    let client = HTTPClient(HTTPClient.Configuration(allowsAddress: { _ in false }))
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPClientRequest(url: server.url, addressCheck: { _ in true }))
    }
    #expect(error?.code == .addressRefused)
  }
}
