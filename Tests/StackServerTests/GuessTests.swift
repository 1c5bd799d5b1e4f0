import Concurrency
import Crypto
import HTTPTypes
import StackAPI
import Store
import Testing

@testable import StackServer

@Suite struct GuessTests {
  private let time = ManualTime(Timestamp(millisecondsSinceEpoch: 0))

  /// Counts what is read.
  private final class CountingUsers: UserStore {
    private let base = MemoryStore()
    private let readings = Locked(0)

    var count: Int { readings.withLock { $0 } }

    func user(named name: String) async throws(StoreError) -> UserRecord? {
      readings.withLock { $0 += 1 }
      return try await base.user(named: name)
    }
    func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
      try await base.users(after: token, limit: limit)
    }
    func add(_ user: UserRecord) async throws(StoreError) { try await base.add(user) }
    func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
      try await base.replace(old, with: new)
    }
  }

  private func users() async throws -> CountingUsers {
    let users = CountingUsers()
    let start = Timestamp(millisecondsSinceEpoch: 0)
    try await users.add(
      UserRecord(name: "new", role: .regular, key: .sha256(Digest.sha256("right".utf8)), createdAt: start))
    try await users.add(
      UserRecord(name: "old", role: .regular, key: .sha1(Digest.sha1("right".utf8)), createdAt: start))
    return users
  }

  /// - Returns: the status of the refusal; 200 where there was none.
  private func attempt(
    _ authenticator: Authenticator, _ name: String, _ key: String, from peer: String = "1.2.3.4"
  ) async throws -> (status: Int, refusal: Refusal?) {
    do {
      _ = try await authenticator.authenticate(["X-Api-User": name, "X-Api-Key": key], from: peer, for: .regular)
      return (200, nil)
    } catch let refusal as Refusal {
      return (refusal.status, refusal)
    }
  }

  @Test func everyWrongKeyCostsTheSameWork() async throws {
    let users = try await users()
    let digests = DigestCount()
    let authenticator = Authenticator(store: users, isOpen: false, keys: digests.keys, time: time)
    var works: [[String: Int]] = []
    var refusals: [Refusal?] = []
    for name in ["nobody", "new", "old", "", "x"] where !name.isEmpty {
      let before = users.count
      refusals.append(try await attempt(authenticator, name, "wrong").refusal)
      works.append(digests.take().merging(["readings": users.count - before]) { $1 })
    }
    #expect(Set(works) == [["sha256 of 5": 1, "sha1 of 5": 1, "readings": 1]])
    #expect(Set(refusals).count == 1, "\(refusals)")
    #expect(refusals[0]?.status == 401)
    for name in ["new", "old"] { #expect(try await attempt(authenticator, name, "right").status == 200) }
  }

  @Test func guessesAreSlowedDownByAddress() async throws {
    let users = try await users()
    let authenticator = Authenticator(store: users, isOpen: false, time: time)
    for _ in 0..<GuessLimit.freeFailures {
      #expect(try await attempt(authenticator, "new", "wrong").status == 401)
    }
    let readings = users.count
    let refusal = try await attempt(authenticator, "new", "right")
    #expect(refusal.status == 429)
    #expect(refusal.refusal?.retryAfter == 1)
    #expect(refusal.refusal?.error.code == .tooManyRequests)
    #expect(users.count == readings, "nothing is looked at")
    // Others do not notice, and who sends no key is no guesser.
    #expect(try await attempt(authenticator, "new", "right", from: "1.2.3.5").status == 200)
    #expect(try await attempt(authenticator, "", "").status == 401)

    // Each further one makes it longer, up to a minute.
    var waits: [Int] = []
    for _ in 0..<8 {
      let wait = try #require(try await attempt(authenticator, "nobody", "wrong").refusal?.retryAfter)
      waits.append(wait)
      time.advance(by: .seconds(wait))
      #expect(try await attempt(authenticator, "nobody", "wrong").status == 401)
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
    time.advance(by: .seconds(60))
    #expect(try await attempt(authenticator, "new", "right").status == 200)
    // What was right there before is let through while a neighbour guesses on.
    #expect(try await attempt(authenticator, "new", "wrong").status == 401)
    #expect(try await attempt(authenticator, "new", "right").status == 200)
    #expect(try await attempt(authenticator, "old", "right").status == 429)
    // After a while all is forgotten.
    time.advance(by: GuessLimit.memory)
    #expect(try await attempt(authenticator, "new", "wrong").status == 401)
    #expect(try await attempt(authenticator, "old", "right").status == 200)
  }

  @Test func memoryIsBounded() {
    var limit = GuessLimit()
    for number in 0..<GuessLimit.largestCount * 3 {
      limit.noteWrong("peer \(number)", [1], at: .seconds(number))
      #expect(limit.count <= GuessLimit.largestCount)
    }
    // The latest are remembered.
    let last = GuessLimit.largestCount * 3
    for _ in 0..<GuessLimit.freeFailures { limit.noteWrong("peer \(last - 1)", [1], at: .seconds(last)) }
    #expect(limit.wait(of: "peer \(last - 1)", [1], at: .seconds(last)) != nil)
    for number in 0..<UInt8(100) { limit.noteRight("peer \(last - 1)", [number]) }
    #expect(limit.wait(of: "peer \(last - 1)", [99], at: .seconds(last)) == nil)
    #expect(limit.wait(of: "peer \(last - 1)", [0], at: .seconds(last)) != nil)
  }

  @Test func theAnswerSaysWhenToTryAgain() async throws {
    try await ServerFixture.run(isOpen: false) { server async throws in
      for path in ["/list", "/api/v1/runs"] {
        var answer = try await server.send(.get, path, user: "admin", key: "wrong")
        for _ in 0..<20 where answer.status == 401 {
          answer = try await server.send(.get, path, user: "admin", key: "wrong")
        }
        #expect(answer.status == 429)
        #expect(answer.fields["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
        #expect(answer.text.contains("too many wrong keys came from 127.0.0.1"))
        #expect(answer.fields["WWW-Authenticate"] == nil)
      }
      #expect(try await server.send(.get, "/health").status == 200)
    }
  }
}
