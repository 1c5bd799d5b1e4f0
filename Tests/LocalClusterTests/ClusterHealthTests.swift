import Concurrency
import HTTPServer
import HTTPTypes
import JSON
import Testing

@testable import LocalCluster

@Suite struct ClusterHealthTests {
  @Test func aCommandCheckMakesItHealthyAndItsFailuresKillIt() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/checked", "cmd": "touch up; exec sleep 1000", "cpus": 0.1, "mem": 16,
          "healthChecks": [
            [
              "protocol": "COMMAND", "command": ["value": "test -f up"], "intervalSeconds": 1, "intervalMillis": 50,
              "delaySeconds": 0, "maxConsecutiveFailures": 2, "gracePeriodSeconds": 5,
            ]
          ],
        ])
      try await cluster.wait("it is healthy") { try await cluster.app("/checked")["tasksHealthy"] == 1 }
      try await cluster.waitUntilDeployed("/checked")
      let task = try #require(try await cluster.tasks("/checked").first)
      let id = try #require(task["id"]?.stringValue)
      let result = try #require(task["healthCheckResults"]?[0])
      #expect(
        result.objectValue?.keys == ["alive", "consecutiveFailures", "firstSuccess", "instanceId", "lastSuccess"])

      Files.remove("\(cluster.folder)/agents/\(task["host"]?.stringValue ?? "")/\(id)/up")
      try await cluster.wait("it has been replaced") {
        let tasks = try await cluster.tasks("/checked")
        return tasks.count == 1 && tasks[0]["id"]?.stringValue != id && tasks[0]["state"] == "TASK_RUNNING"
      }
      let failure = try #require(try await cluster.app("/checked")["lastTaskFailure"])
      #expect(failure["state"] == "TASK_KILLED")
      #expect(
        failure["message"] == "Task was killed since health check failed. Reason: Command exited with status 1")
    }
  }

  @Test func anHTTPCheckSeesTheStatus() async throws {
    let status = Locked(500)
    let server = HTTPServer { request in .text("", status: request.path == "/health" ? status.withLock { $0 } : 404) }
    try server.start()
    let port = server.port
    try await ClusterHarness.with(agents: 1) { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/hc", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16,
          "healthChecks": [
            [
              "protocol": "HTTP", "path": "/health", "port": .integer(Int64(port)), "intervalSeconds": 1,
              "intervalMillis": 50, "gracePeriodSeconds": 0, "maxConsecutiveFailures": 0,
            ]
          ],
        ])
      try await cluster.wait("it is unhealthy") { try await cluster.app("/hc")["tasksUnhealthy"] == 1 }
      let result = try #require(try await cluster.tasks("/hc").first?["healthCheckResults"]?[0])
      #expect(result["alive"] == false)
      #expect(result["lastFailureCause"] == "500 Internal Server Error")
      // The deployment goes on until the task is healthy.
      #expect(try await cluster.app("/hc")["deployments"]?.arrayValue?.count == 1)
      status.withLock { $0 = 200 }
      try await cluster.waitUntilDeployed("/hc")
      let app = try await cluster.app("/hc")
      #expect(app["tasksHealthy"] == 1)
      #expect(app["healthChecks"]?[0]?["intervalMillis"] == 50)
    }
    await server.stop()
  }

  @Test func aTCPCheckSeesWhetherSomebodyListens() async throws {
    let server = HTTPServer { _ in .text("") }
    try server.start()
    let open = server.port
    #expect(TCPProbe.connect(host: "127.0.0.1", port: open, timeout: .seconds(1)) == .alive)
    #expect(!TCPProbe.isFree(open))
    await server.stop()
    guard case .failed(let cause) = TCPProbe.connect(host: "127.0.0.1", port: open, timeout: .seconds(1)) else {
      Issue.record("nobody listens")
      return
    }
    #expect(cause == "cannot connect to 127.0.0.1:\(open): Connection refused")
  }

  @Test func aCheckOfTheTasksOwnPortFailsWithTheReason() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/closed", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16,
          "healthChecks": [
            [
              "protocol": "TCP", "portIndex": 0, "intervalMillis": 50, "gracePeriodSeconds": 0,
              "maxConsecutiveFailures": 0,
            ]
          ],
        ])
      try await cluster.wait("the check has failed") {
        let task = try await cluster.tasks("/closed").first
        let cause = task?["healthCheckResults"]?[0]?["lastFailureCause"]?.stringValue
        let (host, port) = (task?["host"]?.stringValue ?? "", task?["ports"]?[0]?.intValue ?? 0)
        return cause == "cannot connect to \(host):\(port): Connection refused"
      }
    }
  }

  @Test func aCommandThatRunsTooLongCountsAsFailed() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/slow", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16,
          "healthChecks": [
            [
              "protocol": "COMMAND", "command": ["value": "sleep 100"], "intervalMillis": 50, "timeoutMillis": 100,
              "delaySeconds": 0, "gracePeriodSeconds": 0, "maxConsecutiveFailures": 0,
            ]
          ],
        ])
      try await cluster.wait("the check has timed out") {
        let result = try await cluster.tasks("/slow").first?["healthCheckResults"]?[0]
        return result?["lastFailureCause"] == "Timeout: the command ran longer than 100 ms"
      }
    }
  }
}
