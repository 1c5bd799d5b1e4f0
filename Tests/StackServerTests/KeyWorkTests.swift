import Concurrency
import Crypto
import HTTPTypes
import StackServer
import Store
import Testing

/// The work that a wrong key makes, on the whole way from the socket through the table of users and the router: it does not
/// tell whether there is a user of that name, nor how their key is stored.
@Suite struct KeyWorkTests {
  /// The ways that a request can take.
  enum Way: CaseIterable {
    /// Answered on the server's thread where the key is right.
    case atOnce, atOnceWithABody
    case handler, handlerWithABody
    /// Above what is kept.
    case handlerWithALargeBody
    case administrators

    var call: (method: HTTPMethod, path: String, body: String?) {
      switch self {
      case .atOnce: (.get, "/list", nil)
      case .atOnceWithABody: (.post, "/get", #"{"name":"s"}"#)
      case .handler: (.get, "/api/v1/runs", nil)
      case .handlerWithABody: (.post, "/api/v1/runs", #"{"stack":"s"}"#)
      case .handlerWithALargeBody: (.post, "/createstack", String(repeating: " ", count: 100_000))
      case .administrators: (.get, "/api/v1/users", nil)
      }
    }
  }

  private struct Observation: Hashable {
    var digests: [String: Int]
    var status: Int
    var text: String
  }

  /// What two wrong keys for that name take, one after the other: after the first the server remembers who has sent it.
  /// - Parameter isKnown: whether the server has read its users before.
  private func observe(_ name: String, _ way: Way, isKnown: Bool) async throws -> [Observation] {
    let store = MemoryStore()
    let start = Timestamp(millisecondsSinceEpoch: 0)
    let digests: [(String, UserRecord.KeyDigest)] = [
      ("new", .sha256(Digest.sha256("right".utf8))), ("old", .sha1(Digest.sha1("right".utf8))),
    ]
    for (name, key) in digests {
      try await store.add(UserRecord(name: name, role: .regular, key: key, createdAt: start))
    }
    let count = DigestCount()
    var decoration = PortDecoration()
    decoration.store = { _ in store }
    decoration.keys = count.keys
    let observations = Locked([Observation]())
    try await ServerFixture.run(isOpen: false, decoration: decoration) { server in
      if isKnown { #expect(try await server.send(.get, "/api/v1", user: "new", key: "right").status == 200) }
      _ = count.take()
      let (method, path, body) = way.call
      for _ in 0..<2 {
        let answer = try await server.send(method, path, body, user: name, key: "wrong")
        let observation = Observation(digests: count.take(), status: answer.status, text: answer.text)
        observations.withLock { $0.append(observation) }
      }
    }
    return observations.withLock { $0 }
  }

  @Test(arguments: Way.allCases, [false, true])
  func aWrongKeyCostsTheSameWhoeverIsNamed(way: Way, isKnown: Bool) async throws {
    let nobody = try await observe("nobody", way, isKnown: isKnown)
    #expect(nobody.map(\.status) == [401, 401])
    for observation in nobody {
      // As many of one kind as of the other, and one at least.
      let counts = Set(observation.digests.values)
      #expect(observation.digests.keys.sorted() == ["sha1 of 5", "sha256 of 5"] && counts.count == 1, "\(observation)")
    }
    for name in ["new", "old"] { #expect(try await observe(name, way, isKnown: isKnown) == nobody, "\(name)") }
  }
}
