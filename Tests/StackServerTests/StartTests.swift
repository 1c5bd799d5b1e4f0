import Concurrency
import Glibc
import HTTPServer
import HTTPTypes
import JSON
import StackServer
import Testing

@Suite struct StartTests {
  private func start(
    marathon: String, configure: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws -> StackServer {
    var configuration = ServerConfiguration(
      addresses: [.tcp(host: "127.0.0.1", port: 0)], storage: .memory, marathon: [marathon], master: "127.0.0.1:1",
      hookEnvironment: [:])
    configuration.connectRetries = 3
    configuration.connectBackoff = .milliseconds(1)
    configure(&configuration)
    return try await StackServer.start(configuration) { _ in }
  }

  @Test(arguments: [
    (503, "busy"), (200, "<html>hello</html>"), (200, #"{"frameworkId":"#), (200, ""), (500, "{}"),
  ])
  func aMarathonThatMakesNoSenseIsNamed(status: Int, body: String) async throws {
    let marathon = try FakeMarathon()
    marathon.state.withLock { $0.answer = (status, body) }
    let error = try await #require(throws: ServerStartError.self) { try await start(marathon: marathon.url) }
    #expect(error.description.contains("cannot reach Marathon at \(marathon.url) (tried 3 times)"))
    #expect(error.description.contains("--marathon"))
    #expect(marathon.state.withLock { $0.requests } == Array(repeating: "GET /v2/info", count: 3))
    await marathon.stop()
  }

  @Test func aMarathonThatIsDownIsNamed() async throws {
    let marathon = try FakeMarathon()
    let url = marathon.url
    await marathon.stop()
    let error = try await #require(throws: ServerStartError.self) { try await start(marathon: url) }
    #expect(error.description.contains(url))
    let scheme = try await #require(throws: ServerStartError.self) { try await start(marathon: "127.0.0.1:8080") }
    #expect(scheme.description.contains("http://"))
  }

  @Test func aMarathonThatNeverAnswersIsNamed() async throws {
    let silent = HTTPServer { _ in
      try? await SystemTime().sleep(for: .seconds(60))
      return HTTPResponse()
    }
    try silent.start()
    let error = try await #require(throws: ServerStartError.self) {
      try await start(marathon: "http://127.0.0.1:\(silent.port)") { $0.connectTimeout = .milliseconds(50) }
    }
    #expect(error.description.contains("(tried 3 times): no answer within 0.05 seconds"))
    await silent.stop()
  }

  @Test func aPortInUseIsNamedAndNothingIsLeft() async throws {
    let marathon = try FakeMarathon()
    let other = HTTPServer { _ in HTTPResponse() }
    try other.start()
    try await withTemporaryFolder { folder in
      for _ in 0..<2 {
        // The second time finds the store closed in order: it is not in use.
        let error = try await #require(throws: ServerStartError.self) {
          try await start(marathon: marathon.url) { configuration in
            configuration.addresses = [.tcp(host: "127.0.0.1", port: other.port)]
            configuration.storage = .folder(folder)
          }
        }
        #expect(error.description.contains("port \(other.port) of 127.0.0.1"))
      }
    }
    await other.stop()
    await marathon.stop()
  }

  @Test func theFolderSaysWhoServesIt() async throws {
    try await withTemporaryFolder { folder in
      try await ServerFixture.run(configure: { $0.storage = .folder(folder) }) { server in
        let file = try #require(fopen(ServerRecord.path(in: folder), "r"))
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 1_024)
        fgets(&text, 1_024, file)
        let record = try JSON(
          parsing: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        )
        .decode(ServerRecord.self)
        #expect(record.url == server.server.url)
        #expect(record.pid == getpid())
        let second = try await #require(throws: ServerStartError.self) {
          try await start(marathon: server.marathon.url) { $0.storage = .folder(folder) }
        }
        #expect(second.description.contains("\(getpid())"))
      }
      #expect(access(ServerRecord.path(in: folder), F_OK) != 0)
    }
  }

  @Test func runsGoOnWithTheNextServer() async throws {
    try await withTemporaryFolder { folder in
      let marathon = try FakeMarathon()
      marathon.state.withLock { _ = $0.stuck.insert("/a") }
      let answer = Locked<ServerFixture.Answer?>(nil)
      let answered = AsyncSignal()
      try await ServerFixture.run(configure: { configuration in
        configuration.storage = .folder(folder)
        configuration.isOpen = true
        configuration.marathon = [marathon.url]
      }) { server in
        #expect(try await server.add(simpleStack).status == 200)
        // Unstructured, because the caller outlives the test's body: it waits while the server stops.
        Task {
          let got = try? await server.post("/run", ["name": "simple"])
          answer.withLock { $0 = got }
          answered.fire()
        }
        try await eventually { marathon.state.withLock { $0.apps["/a"] != nil } }
      }
      try await answered.wait()
      let told = try #require(answer.withLock { $0 })
      #expect(told.status == 503)
      #expect(told.text.contains("run 1 goes on"))

      marathon.letGo("/a")
      try await ServerFixture.run(configure: { configuration in
        configuration.storage = .folder(folder)
        configuration.isOpen = true
        configuration.marathon = [marathon.url]
      }) { server in
        try await eventually {
          try await server.send(.get, "/api/v1/runs/1").json()["run"]?["state"] == "succeeded"
        }
      }
      #expect(marathon.state.withLock { $0.requests.filter { $0.hasPrefix("POST") } }.count == 1)
      await marathon.stop()
    }
  }
}
