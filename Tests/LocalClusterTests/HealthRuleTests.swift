import Concurrency
import JSON
import Testing

@testable import LocalCluster

/// Health checks as the recordings `health-http` and `health-grace` show them, with the clock played.
@Suite struct HealthRuleTests {
  private static let healthTypes: Set<String> = [
    "add_health_check_event", "remove_health_check_event", "failed_health_check_event", "health_status_changed_event",
    "instance_health_changed_event", "unhealthy_instance_kill_event", "status_update_event", "app_terminated_event",
  ]

  private static func outline(_ type: String, _ data: JSON) -> String? {
    guard healthTypes.contains(type) else { return nil }
    switch type {
    case "status_update_event": return "status \(data["taskStatus"]?.stringValue ?? "")"
    case "health_status_changed_event": return "\(type) \(data["alive"]?.text ?? "")"
    case "instance_health_changed_event": return "\(type) \(data["healthy"]?.text ?? "")"
    case "unhealthy_instance_kill_event": return "\(type) \(data["reason"]?.stringValue ?? "")"
    default: return type
    }
  }

  private static func body(grace: Int) -> String {
    """
    {"id": "/hc", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32, "healthChecks": [{"protocol": "HTTP", "path": "/health",
      "portIndex": 0, "gracePeriodSeconds": \(grace), "intervalSeconds": 1, "timeoutSeconds": 2, "maxConsecutiveFailures": 3}]}
    """
  }

  @Test func anInstanceThatFailsIsKilledByItsFourthFailureAndReplaced() throws {
    let recording = try Recording("health-http")
    var simulation = Simulation()
    let isUp = Locked(true)
    simulation.probe = { _ in isUp.withLock { $0 } ? .alive : .failed("500 Internal Server Error") }
    _ = simulation.ask("POST", "/v2/apps", body: Self.body(grace: 5))
    simulation.advance(.seconds(3))
    isUp.withLock { $0 = false }
    while simulation.launches.count < 2 { simulation.advance(.milliseconds(10)) }
    isUp.withLock { $0 = true }
    simulation.advance(.seconds(1))
    _ = simulation.ask("DELETE", "/v2/apps/hc")
    simulation.settle()

    let ours = simulation.notices.compactMap { Self.outline($0.type, $0.light) }
    let real = recording.events.compactMap { Self.outline($0.type, $0.data) }
    #expect(ours == real)
    // The members of each, in the recorded order.
    for type in Self.healthTypes {
      let one = simulation.notices.first { $0.type == type }?.light.objectValue?.keys
      #expect(one == recording.events.first { $0.type == type }?.data.objectValue?.keys, "\(type)")
    }
  }

  @Test func failuresInTheGracePeriodAreShownAndNotCounted() throws {
    var simulation = Simulation()
    simulation.probe = { _ in .failed("refused") }
    _ = simulation.ask("POST", "/v2/apps", body: Self.body(grace: 3))
    simulation.advance(.milliseconds(2_900))
    let task = try #require(simulation.ask("GET", "/v2/apps/hc").json?["app"]?["tasks"]?[0])
    #expect(task["healthCheckResults"]?[0]?.objectValue?.keys == ["alive", "consecutiveFailures", "instanceId"])
    #expect(task["healthCheckResults"]?[0]?["alive"] == false)
    #expect(task["healthCheckResults"]?[0]?["consecutiveFailures"] == 0)
    #expect(simulation.ask("GET", "/v2/apps/hc").json?["app"]?["tasksUnhealthy"] == 1)
    #expect(!simulation.eventTypes().contains("failed_health_check_event"))
    #expect(!simulation.eventTypes().contains("health_status_changed_event"))
    while simulation.launches.count < 2 { simulation.advance(.milliseconds(10)) }
    #expect(simulation.eventTypes().filter { $0 == "failed_health_check_event" }.count == 4)
    let failure = simulation.ask("GET", "/v2/apps/hc").json?["app"]?["lastTaskFailure"]
    #expect(failure?["message"] == "Task was killed since health check failed. Reason: refused")
    #expect(failure?["state"] == "TASK_KILLED")
  }

  @Test func theFirstCheckComesWithinOneInterval() throws {
    for (seconds, millis) in [(60, nil), (1, nil), (1, 100), (0, nil)] as [(Int, Int?)] {
      var check = HealthCheckDefinition()
      check.intervalSeconds = seconds
      check.intervalMillis = millis
      #expect(check.firstDelay <= check.interval)
      #expect(check.interval > .zero)
    }
    var command = HealthCheckDefinition()
    command.kind = .command
    command.delaySeconds = 7
    #expect(command.firstDelay == .seconds(7))
  }

  @Test func aDeploymentWaitsForHealthAndCountsOnlyTheNew() {
    var simulation = Simulation()
    let isUp = Locked(false)
    simulation.probe = { _ in isUp.withLock { $0 } ? .alive : .failed("no") }
    _ = simulation.ask("POST", "/v2/apps", body: Self.body(grace: 100))
    simulation.advance(.seconds(2))
    #expect(simulation.ask("GET", "/v2/deployments").json?.arrayValue?.count == 1)
    isUp.withLock { $0 = true }
    simulation.advance(.seconds(2))
    #expect(simulation.ask("GET", "/v2/deployments").json == [])
    // An upgrade keeps the old one until the new one is healthy.
    isUp.withLock { $0 = false }
    _ = simulation.ask("PUT", "/v2/apps/hc", body: #"{"env": {"V": "2"}}"#)
    simulation.advance(.milliseconds(1_500))
    #expect(simulation.ask("GET", "/v2/apps/hc").json?["app"]?["tasks"]?.arrayValue?.count == 2)
    isUp.withLock { $0 = true }
    simulation.advance(.seconds(2))
    let app = simulation.ask("GET", "/v2/apps/hc").json?["app"]
    #expect(app?["tasks"]?.arrayValue?.count == 1)
    #expect(app?["tasks"]?[0]?["version"] == app?["version"])
  }

  @Test func aTaskWithTwoChecksIsHealthyWhenBothAre() {
    var simulation = Simulation()
    simulation.probe = { $0.index == 0 ? .alive : .failed("second") }
    _ = simulation.ask(
      "POST", "/v2/apps",
      body: #"""
        {"id": "/two", "cmd": "sleep 1000", "healthChecks": [
          {"protocol": "TCP", "intervalSeconds": 1}, {"protocol": "HTTP", "intervalSeconds": 1}]}
        """#)
    simulation.advance(.seconds(3))
    let app = simulation.ask("GET", "/v2/apps/two").json?["app"]
    #expect(app?["tasksHealthy"] == 0)
    #expect(app?["tasksUnhealthy"] == 1)
    #expect(app?["tasks"]?[0]?["healthCheckResults"]?.arrayValue?.count == 2)
  }
}
