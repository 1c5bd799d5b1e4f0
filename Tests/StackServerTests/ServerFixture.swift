import Concurrency
import Engine
import Glibc
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import StackServer
import Testing

/// A running server with a fake Marathon, and a client of it.
struct ServerFixture: Sendable {
  let marathon: FakeMarathon
  let server: StackServer
  let client: HTTPClient
  let adminKey: String

  struct Answer: Sendable {
    var status: Int
    var fields: HTTPFields
    var text: String
    func json() throws -> JSON { try JSON(parsing: text) }
  }

  /// Runs a server around a test, and stops it in order.
  static func run(
    isOpen: Bool = true, configure: (inout ServerConfiguration) -> Void = { _ in }, stuck: Set<String> = [],
    decoration: PortDecoration = PortDecoration(),
    _ test: @Sendable (ServerFixture) async throws -> Void
  ) async throws {
    let marathon = try FakeMarathon()
    marathon.state.withLock { $0.stuck = stuck }
    var configuration = ServerConfiguration(
      addresses: [.tcp(host: "127.0.0.1", port: 0)], storage: .memory, marathon: [marathon.url], master: "127.0.0.1:1",
      hookEnvironment: ["PATH": "/usr/bin:/bin"])
    configuration.isOpen = isOpen
    configuration.connectRetries = 1
    configuration.pace.settleInterval = .milliseconds(50)
    configure(&configuration)
    let key = Locked("")
    let server = try await StackServer.start(configuration, decoration: decoration) { shown in
      key.withLock { $0 = shown }
    }
    let fixture = ServerFixture(
      marathon: marathon, server: server, client: HTTPClient(), adminKey: key.withLock { $0 })
    defer { fixture.client.shutdown() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      do {
        try await test(fixture)
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    await marathon.stop()
  }

  func send(
    _ method: HTTPMethod, _ path: String, _ body: String? = nil, user: String? = nil, key: String? = nil,
    fields: HTTPFields = [:]
  ) async throws -> Answer {
    var fields = fields
    if let user { fields["X-Api-User"] = user }
    if let key { fields["X-Api-Key"] = key }
    let response = try await client.send(
      HTTPClientRequest(
        method, url: server.url + path, fields: fields, body: body.map { Array($0.utf8) }, timeout: .seconds(30)))
    let bytes = try await response.collect(upTo: 16 << 20)
    return Answer(status: response.status, fields: response.fields, text: String(decoding: bytes, as: UTF8.self))
  }

  func post(_ path: String, _ body: JSON) async throws -> Answer { try await send(.post, path, body.text) }

  /// Adds a stack over the original's API.
  func add(_ source: String) async throws -> Answer { try await post("/createstack", ["stackfile": .string(source)]) }
}

/// A folder that ends with the test.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
  var template = Array("/tmp/stack-server-tests-XXXXXX".utf8CString)
  try #require(mkdtemp(&template) != nil)
  let folder = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  defer { removeTree(folder) }
  try await body(folder)
}

private func removeTree(_ path: String) {
  if unlink(path) == 0 { return }
  if let directory = opendir(path) {
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { removeTree("\(path)/\(name)") }
    }
    closedir(directory)
  }
  rmdir(path)
}

/// Waits for something that another task or process brings about.
func eventually(_ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(20)
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "what was waited for never came")
    try await Task.sleep(for: .milliseconds(10))
  }
}

let simpleStack = """
  name: simple
  applications:
    a:
      type: service
      id: a
      cpu: 0.1
      mem: 16
      launch_command: "sleep 1"

  """
