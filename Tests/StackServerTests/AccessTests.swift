import Concurrency
import Crypto
import Glibc
import HTTPTypes
import JSON
import StackAPI
import StackServer
import Store
import Testing

@Suite struct AccessTests {
  /// What each route asks for. Whoever adds one has to decide it here as well.
  private static let accessOfOriginalPaths: [String: Access] = [
    "/health": .open, "/metrics": .open, "/list": .regular, "/get": .regular, "/run": .regular,
    "/createstack": .regular, "/createlayer": .regular, "/removestack": .regular, "/scheduled": .regular,
    "/scheduled/delete": .regular, "/createuser": .admin, "/refreshtoken": .admin,
  ]
  private static let routesForAdmins: Set<APIRoute> = [.listUsers, .addUser, .renewKey]

  @Test func everyRouteHasItsRule() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      let rules = server.server.routeRules
      let expected =
        Self.accessOfOriginalPaths.map { path, access in
          RouteRule(method: path == "/metrics" ? .get : nil, template: path, access: access)
        }
        + APIRoute.allCases.map { route in
          RouteRule(
            method: HTTPMethod(rawValue: route.method), template: route.template,
            access: Self.routesForAdmins.contains(route) ? .admin : .regular)
        }
      #expect(rules.count == expected.count)
      #expect(Set(rules) == Set(expected))
    }
  }

  @Test func everyRouteAsksForItsRole() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      let made = try await server.send(
        .post, "/createuser", #"{"name":"john","role":"Admin"}"#, user: "admin", key: server.adminKey)
      #expect(made.status == 201)
      for rule in server.server.routeRules {
        let method = rule.method ?? .post
        let path = rule.template.replacing("{stack}", with: "none").replacing("{run}", with: "999")
          .replacing("{user}", with: "none")
        let nobody = try await server.send(method, path, "{}")
        #expect((nobody.status == 401) == (rule.access != .open), "\(path): \(nobody.status)")
        let regular = try await server.send(method, path, "{}", user: "john", key: made.text)
        #expect((regular.status == 403) == (rule.access == .admin), "\(path): \(regular.status)")
        #expect(regular.status != 401, "\(path)")
        let admin = try await server.send(method, path, "{}", user: "admin", key: server.adminKey)
        #expect(admin.status != 401 && admin.status != 403, "\(path): \(admin.status)")
      }
    }
  }

  @Test func credentialsAreChecked() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      let key = server.adminKey
      #expect(key.utf8.count == 36)
      #expect(try await server.send(.get, "/list", user: "admin", key: key).status == 200)
      let basic = BasicAuthorization(user: "admin", password: key).fieldValue
      #expect(try await server.send(.get, "/list", fields: ["Authorization": basic]).status == 200)

      let wrong = try await server.send(.get, "/list", user: "admin", key: "x")
      #expect(wrong.status == 401)
      #expect(wrong.text == "Unauthorized\n")
      let unknown = try await server.send(.get, "/list", user: "nobody", key: key)
      #expect(unknown.status == 401 && unknown.text == wrong.text)
      // As the old command line sends them where none are set.
      let empty = try await server.send(.get, "/list", fields: ["X-Api-User": "", "X-Api-Key": ""])
      #expect(empty.status == 401)
      #expect(empty.text.contains("SD_USER"))

      let refused = try await server.send(.get, "/api/v1/runs", user: "admin", key: "x")
      #expect(try refused.json()["error"]?["code"] == "unauthorized")
    }
  }

  @Test func usersGetKeysAndNewOnes() async throws {
    try await ServerFixture.run(isOpen: false) { server in
      func admin(_ path: String, _ body: String) async throws -> ServerFixture.Answer {
        try await server.send(.post, path, body, user: "admin", key: server.adminKey)
      }
      let key = try await admin("/createuser", #"{"name":"john"}"#)
      #expect(key.status == 201)
      let taken = try await admin("/createuser", #"{"name":"john"}"#)
      #expect(taken.status == 409)
      #expect(taken.text == "User 'john' already exists\n")
      let john = try await server.send(.post, "/createuser", #"{"name":"x"}"#, user: "john", key: key.text)
      #expect(john.status == 403)
      #expect(john.text == "User john is not an admin\n")

      let renewed = try await admin("/refreshtoken", #"{"name":"john"}"#)
      #expect(renewed.status == 200 && renewed.text != key.text)
      #expect(try await server.send(.get, "/list", user: "john", key: key.text).status == 401)
      #expect(try await server.send(.get, "/list", user: "john", key: renewed.text).status == 200)
      let nobody = try await admin("/refreshtoken", #"{"name":"nobody"}"#)
      #expect(nobody.status == 404)
      #expect(nobody.text == "User 'nobody' does not exist\n")
      #expect(try await admin("/createuser", #"{"name":""}"#).status == 400)

      let list = try await server.send(.get, "/api/v1/users", user: "admin", key: server.adminKey)
      let users = try list.json().decode(APIUserPage.self).users
      #expect(users.map { "\($0.name) \($0.role)" } == ["admin admin", "john regular"])
      #expect(!list.text.contains(renewed.text))
    }
  }

  @Test func keysOfTheOriginalAreRehashedAtTheirFirstUse() async throws {
    let store = MemoryStore()
    let key = "0c4f6b0a-0000-4000-8000-000000000000"
    try await store.add(
      UserRecord(
        name: "old", role: .regular, key: .sha1(Digest.sha1(key.utf8)), createdAt: Timestamp(millisecondsSinceEpoch: 0))
    )
    let authenticator = Authenticator(store: store, isOpen: false)
    func caller(_ key: String) async throws -> Caller {
      try await authenticator.authenticate(["X-Api-User": "old", "X-Api-Key": key], from: "peer", for: .regular)
    }
    await #expect(throws: (any Error).self) { try await caller("wrong") }
    #expect(try await store.users().first?.key == .sha1(Digest.sha1(key.utf8)))
    #expect(try await caller(key) == Caller(name: "old", role: .regular))
    #expect(try await store.users().first?.key == .sha256(Digest.sha256(key.utf8)))
    #expect(try await caller(key).name == "old")
  }

  @Test func theFirstKeyIsHandedOutBeforeItIsStored() async throws {
    struct Crash: Error {}
    let store = MemoryStore()
    let directory = UserDirectory(store: store)
    await #expect(throws: Crash.self) { try await directory.addFirstAdministrator { _ in throw Crash() } }
    #expect(try await store.users().isEmpty)
    let keys = Locked([String]())
    try await directory.addFirstAdministrator { key in keys.withLock { $0.append(key) } }
    try await directory.addFirstAdministrator { key in keys.withLock { $0.append(key) } }
    let handedOut = keys.withLock { $0 }
    #expect(handedOut.count == 1)
    #expect(try await store.users().map(\.name) == ["admin"])
    let admin = try await Authenticator(store: store, isOpen: false)
      .authenticate(["X-Api-User": "admin", "X-Api-Key": handedOut.first ?? ""], from: "peer", for: .admin)
    #expect(admin.role == .admin)
  }

  @Test func theFirstKeyGoesIntoAFileForItsOwner() async throws {
    try await withTemporaryFolder { folder in
      let file = "\(folder)/admin.key"
      try await ServerFixture.run(isOpen: false, configure: { $0.adminKeyFile = file }) { server in
        #expect(server.adminKey == "")
        var status = stat()
        #expect(stat(file, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let opened = try #require(fopen(file, "r"))
        defer { fclose(opened) }
        var line = [CChar](repeating: 0, count: 64)
        fgets(&line, 64, opened)
        let key = String(decoding: line.prefix { $0 != 10 && $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        #expect(try await server.send(.get, "/list", user: "admin", key: key).status == 200)
      }
    }
  }

  @Test func aPlaceThatIsNoFileTakesNoKey() async throws {
    try await withTemporaryFolder { folder async throws in
      let key = "\(folder)/key"
      #expect(symlink("/dev/null", key) == 0)
      for file in [key, folder, "\(folder)/none/key"] {
        let error = try await #require(throws: ServerStartError.self) {
          try await ServerFixture.run(isOpen: false, configure: { $0.adminKeyFile = file }) { _ in }
        }
        #expect(error.description.contains("cannot write the admin's key"))
        #expect(error.description.contains(file))
      }
      #expect(access(key, F_OK) == 0)
    }
  }

  @Test func pagesOfOtherSitesAreRefused() async throws {
    try await ServerFixture.run { server async throws in
      let host = server.server.url.dropFirst("http://".count)
      #expect(try await server.send(.post, "/list", "{}", fields: ["Origin": "http://\(host)"]).status == 200)
      for fields: HTTPFields in [
        ["Origin": "http://evil.example"], ["Origin": "null"], ["Origin": "http://127.0.0.1:1"],
        ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
        ["Host": "evil.example", "Origin": "http://evil.example"],
        ["Host": "evil.example"],
      ] {
        #expect(try await server.send(.post, "/list", "{}", fields: fields).status == 403, "\(fields.map(\.value))")
        #expect(try await server.send(.get, "/api/v1/runs", fields: fields).status == 403, "\(fields.map(\.value))")
      }
      #expect(try await server.send(.get, "/list", fields: ["Host": "localhost:80"]).status == 200)
      for site in ["same-origin", "none"] {
        #expect(try await server.send(.get, "/list", fields: ["Sec-Fetch-Site": site]).status == 200)
      }
    }
  }
}
