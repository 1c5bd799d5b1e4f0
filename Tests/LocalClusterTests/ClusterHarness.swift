import Concurrency
import Foundation
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import Testing

@testable import LocalCluster

/// A real cluster on a folder of its own: real sockets, real processes.
struct ClusterHarness {
  let endpoint: ClusterEndpoint
  let client: HTTPClient
  let folder: String

  /// Each running test cluster gives out other ports, so that tests beside one another do not meet.
  private static let nextPorts = Locked(20_500)

  static func temporaryFolder() -> String {
    let path = NSTemporaryDirectory() + "local-cluster-\(UUID().uuidString)"
    mkdir(path, 0o700)
    return path
  }

  static func options(_ folder: String, agents: Int = 2, authentication: Bool = true) -> ClusterOptions {
    let first = nextPorts.withLock { next in
      defer { next += 100 }
      return next
    }
    return ClusterOptions(
      dataDirectory: folder, agents: agents, ports: first...(first + 99), authentication: authentication)
  }

  /// Runs `body` beside a cluster that is ended afterwards, and removes the folder unless it was given.
  static func with(
    folder given: String? = nil, agents: Int = 2, authentication: Bool = true,
    keptSandboxes: Int = 100,
    _ body: @escaping @Sendable (ClusterHarness) async throws -> Void
  ) async throws {
    let folder = given ?? temporaryFolder()
    defer { if given == nil { Files.remove(folder) } }
    var options = options(folder, agents: agents, authentication: authentication)
    options.keptSandboxes = keptSandboxes
    let (endpoints, continuation) = AsyncStream.makeStream(of: ClusterEndpoint.self)
    let stop = AsyncSignal()
    let chosen = options
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await LocalCluster.run(chosen, until: stop) { endpoint in continuation.yield(endpoint) }
      }
      group.addTask {
        defer { stop.fire() }
        for await endpoint in endpoints {
          let client = HTTPClient()
          defer { client.shutdown() }
          try await body(ClusterHarness(endpoint: endpoint, client: client, folder: folder))
          return
        }
      }
      try await group.waitForAll()
    }
  }

  struct Answer {
    var status: Int
    var fields: HTTPFields
    var bytes: [UInt8]
    var json: JSON { (try? JSON(parsing: bytes)) ?? .null }
  }

  func ask(
    _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, fields: HTTPFields = [:], authorized: Bool = true
  ) async throws -> Answer {
    var fields = fields
    if body != nil { fields["Content-Type"] = "application/json" }
    let response = try await client.send(
      HTTPClientRequest(
        method, url: endpoint.url + path, fields: fields, body: body?.bytes,
        basicAuthorization: authorized ? endpoint.credential : nil))
    let bytes = try await response.collect(upTo: 8 << 20)
    return Answer(status: response.status, fields: response.fields, bytes: bytes)
  }

  func app(_ id: String) async throws -> JSON { try await ask(.get, "/v2/apps\(id)").json["app"] ?? .null }

  func tasks(_ id: String) async throws -> [JSON] { try await app(id)["tasks"]?.arrayValue ?? [] }

  /// Waits until `condition` holds; fails after the limit with what was seen last.
  func wait(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
  ) async throws {
    try await Poll.until(what, within: limit, condition)
  }

  func waitUntilDeployed(_ id: String) async throws {
    try await wait("\(id) is deployed") {
      let app = try await app(id)
      return app["deployments"]?.arrayValue?.isEmpty == true
    }
  }

  /// A file of a task's sandbox, read through the API.
  func file(_ taskId: String, _ name: String) async throws -> String {
    let path = "/files/read?path=/tasks/\(taskId)/\(name)&offset=0&length=100000"
    return try await ask(.get, path).json["data"]?.stringValue ?? ""
  }
}

enum Poll {
  struct Timeout: Error, CustomStringConvertible {
    var description: String
  }

  static func until(
    _ what: String, within limit: Duration = .seconds(20), every pause: Duration = .milliseconds(15),
    _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
      if ContinuousClock.now > deadline { throw Timeout(description: "not within \(limit): \(what)") }
      try await Task.sleep(for: pause)
    }
  }

  static func isAlive(_ pid: Int32) -> Bool { ClusterRecord.startTicks(of: pid) != nil }
}
