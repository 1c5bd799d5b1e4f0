import Concurrency
import Engine
import HTTPClient
import HTTPServer
import StackClient
import StackServer

/// A server in this process, with its store in memory, that asks for no keys.
enum InProcessServer {
  static func with<Result: Sendable>(
    marathon: String, cluster: ClusterProcess, hooks: [String: String] = [:],
    _ adjust: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (StackClient) async throws -> Result
  ) async throws -> Result {
    var configuration = ServerConfiguration(
      addresses: [.tcp(host: "127.0.0.1", port: 0)], storage: .memory, marathon: [marathon], master: marathon,
      hookEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(hooks) { $1 })
    configuration.marathonCredentials = cluster.authorization
    configuration.embeddedCluster = cluster.url
    configuration.connectRetries = 100
    configuration.connectBackoff = .milliseconds(50)
    // On loopback what takes seconds elsewhere takes milliseconds.
    configuration.pace.safetyPoll = .milliseconds(700)
    configuration.pace.firstRetry = .milliseconds(50)
    configuration.pace.longestRetry = .milliseconds(300)
    configuration.pace.firstPoll = .milliseconds(50)
    configuration.pace.longestPoll = .milliseconds(300)
    configuration.pace.settleInterval = .milliseconds(500)
    adjust(&configuration)
    let server = try await StackServer.start(configuration) { _ in }
    let http = HTTPClient()
    defer { http.shutdown() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let client = StackClient(address: server.url, user: "", key: "", http: http)
      do {
        let result = try await body(client)
        group.cancelAll()
        try await group.waitForAll()
        return result
      } catch {
        group.cancelAll()
        try? await group.waitForAll()
        throw error
      }
    }
  }
}
