import Concurrency
import HTTPClient
import JSON
import MarathonClient
import StackModel
import Testing

@testable import LocalCluster

/// The product's own client against the cluster, as against a real Marathon.
@Suite struct ClientTests {
  private static func client(_ cluster: ClusterHarness) throws -> MarathonClient {
    try MarathonClient(
      endpoints: [cluster.endpoint.url], credentials: cluster.endpoint.credential, httpClient: cluster.client)
  }

  @Test func theClientCreatesWatchesChangesAndDestroys() async throws {
    try await ClusterHarness.with { cluster in
      let client = try Self.client(cluster)
      let seen = Box<[String]>([])
      try await withThrowingTaskGroup(of: Void.self) { group in
        let connected = AsyncSignal()
        group.addTask {
          for try await element in client.events() {
            switch element {
            case .connected: connected.fire()
            case .event(.statusUpdate(let update)): seen.set(seen.value + [update.taskStatus.rawValue])
            case .event(.deploymentSuccess): seen.set(seen.value + ["success"])
            case .event(.appTerminated): return
            default: break
            }
          }
        }
        try await connected.wait()
        let made = try await client.createApp(["id": "/c", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16])
        #expect(made.app.id == "/c")
        try await cluster.waitUntilDeployed("/c")
        let app = try #require(try await client.app("/c"))
        #expect(app.status.tasksRunning == 1)
        var definition = app.definition
        definition["env"] = ["A": "1"]
        let change = try await client.updateApp("/c", .object(definition))
        #expect(change.deploymentID != made.deploymentID)
        try await cluster.waitUntilDeployed("/c")
        let versions = try await client.versions(ofApp: "/c")
        #expect(versions.count == 2)
        // Sent back unchanged, it is the same application: nothing is restarted.
        let again = try #require(try await client.app("/c"))
        _ = try await client.updateApp("/c", .object(again.definition))
        #expect(try await client.app("/c")?.version == again.version)
        _ = try await client.destroyApp("/c")
        try await group.waitForAll()
      }
      #expect(try await client.app("/c") == nil)
      #expect(
        seen.value.filter { $0.hasPrefix("TASK") } == [
          "TASK_STARTING", "TASK_RUNNING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLED", "TASK_KILLED",
        ])
    }
  }

  @Test func locksAndRefusalsAreTheClientsErrors() async throws {
    try await ClusterHarness.with { cluster in
      let client = try Self.client(cluster)
      _ = try await client.createApp(["id": "/big", "cmd": "exec sleep 1000", "cpus": 1000])
      let locked = await #expect(throws: MarathonError.self) { try await client.scaleApp("/big", to: 2) }
      #expect(locked?.code == .locked)
      let exists = await #expect(throws: MarathonError.self) {
        try await client.createApp(["id": "/big", "cmd": "exec sleep 1000"])
      }
      #expect(exists?.code == .exists)
      let invalid = await #expect(throws: MarathonError.self) {
        try await client.createApp(["id": "/bad", "cmd": "exec sleep 1000", "cpus": -1])
      }
      #expect(invalid?.code == .invalid)
      let item = try #require(try await client.queue().first)
      #expect(item.app?.id == "/big")
      let info = try await client.info()
      #expect(info.version == "1.6.590")
    }
  }

  @Test func aStacksApplicationRunsAsItsModelSays() async throws {
    try await ClusterHarness.with { cluster in
      var application = StackModel.Application()
      application.id = "web"
      application.type = "marathon"
      application.cpu = 0.1
      application.mem = 16
      application.launchCommand = "touch up; exec sleep 1000"
      application.healthcheck = .check(
        StackModel.HealthCheckDefinition(probe: .command, command: "test -f up", interval: .milliseconds(100)))
      let body = MarathonDefinition.body(of: application, stack: "s", zone: "z", instances: 1)
      let client = try Self.client(cluster)
      let clock = ContinuousClock()
      let taken = try await clock.measure {
        _ = try await client.createApp(.object(body))
        try await cluster.waitUntilDeployed("/web")
      }
      #expect(try await client.app("/web")?.status.tasksHealthy == 1)
      #expect(taken < .seconds(3), "\(taken)")
    }
  }
}
