import Concurrency
import Crypto
import Glibc
import HTTPTypes
import Store
import Testing

@testable import HTTPServer
@testable import StackServer

/// Whom wrong keys are counted for: an IPv4 address, or an IPv6 network, as whoever has one address of it has them all.
@Suite struct GuessNetworkTests {
  /// As the server sees a peer that connects from there.
  private func peer(_ text: String) throws -> PeerAddress {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    try #require(inet_pton(AF_INET6, text, &address.sin6_addr) == 1)
    var socket = SocketAddress()
    withUnsafeMutableBytes(of: &socket.storage) { target in
      withUnsafeBytes(of: address) { target.copyMemory(from: $0) }
    }
    socket.length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return PeerAddress(socket, socket: -1)
  }

  private func router(_ time: ManualTime) async throws -> Router {
    let store = MemoryStore()
    try await store.add(
      UserRecord(
        name: "john", role: .regular, key: .sha256(Digest.sha256("right".utf8)),
        createdAt: Timestamp(millisecondsSinceEpoch: 0)))
    let gate = Gate()
    gate.enter(.serving)
    return Router(
      routes: [Route(.get, "/it", .regular, .original) { _ in HTTPResponse() }],
      authenticator: Authenticator(store: store, isOpen: false, time: time), origin: OriginCheck(), gate: gate,
      metrics: ServerMetrics(startedAt: time.now(), time: time))
  }

  private func ask(_ router: Router, _ key: String, from address: String) async throws -> Int {
    let request = HTTPRequest(
      method: .get, target: "/it", fields: ["X-Api-User": "john", "X-Api-Key": key], peer: try peer(address))
    return await router.respond(to: try #require(request)).status
  }

  @Test func anIPv6NetworkIsOnePeer() async throws {
    let router = try await router(ManualTime(Timestamp(millisecondsSinceEpoch: 0)))
    // Each from another address of the network.
    for number in 1...GuessLimit.freeFailures {
      #expect(try await ask(router, "wrong", from: "2001:db8:0:1::\(number)") == 401)
    }
    #expect(try await ask(router, "right", from: "2001:db8:0:1:ffff:ffff:ffff:ffff") == 429)
    #expect(try await ask(router, "right", from: "2001:db8:0:2::1") == 200)
    #expect(try await ask(router, "wrong", from: "2001:db8:0:2::1") == 401)
  }

  /// All of them lie in one IPv6 network where a server listens on both at once.
  @Test func iPv4AddressesWithinIPv6AreApart() async throws {
    let router = try await router(ManualTime(Timestamp(millisecondsSinceEpoch: 0)))
    for _ in 1...GuessLimit.freeFailures {
      #expect(try await ask(router, "wrong", from: "::ffff:192.0.2.1") == 401)
    }
    #expect(try await ask(router, "right", from: "::ffff:192.0.2.1") == 429)
    #expect(try await ask(router, "right", from: "::ffff:192.0.2.2") == 200)
    #expect(try peer("::ffff:192.0.2.1") == PeerAddress(name: "192.0.2.1"))
    #expect(try peer("2001:db8::1").name == "2001:db8::1")
  }
}
