import Concurrency
import HTTPTypes
import Store
import Testing

@testable import StackServer

/// What is kept in memory is never older than the last change that was acknowledged.
@Suite struct CachingTests {
  @Test func anAnswerIsMadeOnceUntilSomethingChanges() async throws {
    let changes = ChangeCounter()
    let cache = AnswerCache(changes: changes)
    let made = Locked(0)
    func answer() async throws -> [UInt8] {
      try await cache.answer("x") {
        [
          made.withLock {
            $0 += 1; return UInt8($0)
          }
        ]
      }
    }
    #expect(cache.known("x") == nil)
    #expect(try await answer() == [1])
    #expect(try await answer() == [1])
    #expect(cache.known("x") == [1])
    try await changes.change { () async throws(StoreError) in }
    #expect(cache.known("x") == nil)
    #expect(try await answer() == [2])
  }

  @Test func nothingIsKnownWhileSomethingChanges() async throws {
    let changes = ChangeCounter()
    let cache = AnswerCache(changes: changes)
    _ = try await cache.answer("x") { [1] }
    try await changes.change { () async throws(StoreError) in
      #expect(changes.moment == nil)
      #expect(cache.known("x") == nil)
      // Read in the middle: it may be of before.
      let answer = try? await cache.answer("x") { [2] }
      #expect(answer == [2])
      #expect(cache.known("x") == nil)
    }
    #expect(cache.known("x") == nil)
  }

  @Test func whatWasReadBeforeAChangeIsNotKeptAfterIt() async throws {
    let changes = ChangeCounter()
    let cache = AnswerCache(changes: changes)
    let answer = try await cache.answer("x") {
      try await changes.change { () async throws(StoreError) in }
      return [1]
    }
    #expect(answer == [1])
    #expect(cache.known("x") == nil)
  }

  @Test func aChangeThatFailsCounts() async throws {
    let changes = ChangeCounter()
    let before = changes.moment
    do throws(StoreError) {
      try await changes.change { () async throws(StoreError) in throw StoreError(.unavailable, "no") }
      Issue.record("it does not fail")
    } catch {
      #expect(error.code == .unavailable)
    }
    #expect(changes.moment != nil)
    #expect(changes.moment != before)
  }

  @Test func usersAreKnownUntilOneChanges() async throws {
    let store = MemoryStore()
    let changes = ChangeCounter()
    let table = UserTable(changes: changes)
    func user(_ name: String, _ key: String) -> UserRecord {
      UserRecord(
        name: name, role: .regular, key: UserKey.digest(key), createdAt: Timestamp(millisecondsSinceEpoch: 0))
    }
    try await store.add(user("john", "1"))
    #expect(isUnknown(table.lookUp("john")))
    #expect(try await table.user(named: "john", from: store) == user("john", "1"))
    #expect(try await table.user(named: "nobody", from: store) == nil)
    guard case .user = table.lookUp("john"), case .nobody = table.lookUp("nobody") else {
      Issue.record("both are to be known now")
      return
    }
    try await changes.change { () async throws(StoreError) in
      try await store.replace(user("john", "1"), with: user("john", "2"))
    }
    #expect(isUnknown(table.lookUp("john")))
    #expect(try await table.user(named: "john", from: store) == user("john", "2"))
  }

  @Test func namesThatUnicodeWritesInTwoWaysAreTwoUsers() async throws {
    let store = MemoryStore()
    let table = UserTable(changes: ChangeCounter())
    let names = ["zo\u{EB}", "zoe\u{308}"]
    for (number, name) in names.enumerated() {
      try await store.add(
        UserRecord(
          name: name, role: .regular, key: UserKey.digest("\(number)"),
          createdAt: Timestamp(millisecondsSinceEpoch: 0)))
    }
    for (number, name) in names.enumerated() {
      #expect(try await table.user(named: name, from: store)?.key == UserKey.digest("\(number)"))
      guard case .user(let known) = table.lookUp(name) else {
        Issue.record("\(name) is to be known now")
        return
      }
      #expect(known.key == UserKey.digest("\(number)"))
    }
  }

  private func isUnknown(_ lookup: UserTable.Lookup) -> Bool {
    if case .unknown = lookup { true } else { false }
  }

  @Test func listsAndStacksAreNeverOld() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      func text(_ path: String, _ body: String = "") async throws -> ServerFixture.Answer {
        try await server.send(.post, path, body, user: "admin", key: server.adminKey)
      }
      for round in 0..<20 {
        let name = "s\(round)"
        let source = "name: \(name)\\napplications: {a: {type: t, id: a\(round), cpu: 1, mem: 1, launch_command: x}}"
        let added = try await text("/createstack", "{\"stackfile\":\"\(source)\"}")
        #expect(added.status == 200 || added.status == 201)
        // Twice: made, and known.
        for _ in 0..<2 {
          let list = try await text("/list")
          #expect(list.text == "- \(name)\n")
          let stack = try await text("/get", "{\"name\":\"\(name)\"}")
          #expect(stack.text.contains("id: a\(round)"))
        }
        let removed = try await text("/removestack", "{\"name\":\"\(name)\"}")
        #expect(removed.status == 200)
        let empty = try await text("/list")
        #expect(empty.text == "[]\n")
        let gone = try await text("/get", "{\"name\":\"\(name)\"}")
        #expect(gone.status == 404)
      }
    }
  }

  @Test func wrongKeysAreRefusedAlsoWhereTheRightOneIsKnown() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      let asked: [(user: String?, key: String?, status: Int)] = [
        ("admin", server.adminKey, 200), ("admin", "wrong", 401), ("nobody", server.adminKey, 401), (nil, nil, 401),
        ("admin", server.adminKey, 200),
      ]
      for (user, key, status) in asked {
        let answer = try await server.send(.get, "/list", user: user, key: key)
        #expect(answer.status == status)
      }
    }
  }
}
