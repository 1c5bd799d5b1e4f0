import Concurrency
import JSON
import Testing

@testable import LocalCluster

@Suite struct PlacementTests {
  /// r1: 1 and 2, r2: 3; z1, z2, z3; ssd, hdd, ssd.
  private static let agents = Agent.simulated(count: 3, clusterId: "c", cpus: 4, mem: 4096, ports: 31000...31299)

  private static func allowed(_ parts: [String], placed: [Int] = []) -> [Int] {
    let constraint = PlacementConstraint(parts: parts)
    return agents.indices.filter { constraint.allows(agents[$0], placed: placed.map { agents[$0] }) }
  }

  @Test func constraintsChooseAgents() {
    #expect(Self.allowed(["hostname", "UNIQUE"], placed: [0]) == [1, 2])
    #expect(Self.allowed(["rack", "UNIQUE"], placed: [0]) == [2])
    #expect(Self.allowed(["rack", "CLUSTER", "r2"]) == [2])
    #expect(Self.allowed(["rack", "CLUSTER"], placed: [0]) == [0, 1])
    #expect(Self.allowed(["rack", "CLUSTER"]) == [0, 1, 2])
    #expect(Self.allowed(["hostname", "LIKE", #"127\.0\.0\.[12]"#]) == [0, 1])
    #expect(Self.allowed(["hostname", "LIKE", "127"]) == [], "the whole value has to match")
    #expect(Self.allowed(["disktype", "UNLIKE", "s.*"]) == [1])
    #expect(Self.allowed(["disktype", "IS", "hdd"]) == [1])
    #expect(Self.allowed(["rack", "MAX_PER", "2"], placed: [0, 1]) == [2])
    #expect(Self.allowed(["@hostname", "IS", "127.0.0.3"]) == [2])
    #expect(Self.allowed(["none", "LIKE", ".*"]) == [])
    #expect(Self.allowed(["none", "UNLIKE", ".*"]) == [0, 1, 2])
  }

  @Test func groupsGrowEvenly() {
    #expect(
      Self.allowed(["zone", "GROUP_BY", "3"], placed: [0]) == [1, 2], "a new group before a second one in the old")
    #expect(Self.allowed(["zone", "GROUP_BY", "3"], placed: [0, 1, 2]) == [0, 1, 2])
    #expect(Self.allowed(["zone", "GROUP_BY", "3"], placed: [0, 0, 1, 2]) == [1, 2])
    #expect(Self.allowed(["rack", "GROUP_BY"], placed: [0, 2, 2]) == [0, 1])
  }

  private static func waiting(_ body: String, agents: Int = 3) -> (Simulation, JSON) {
    var simulation = Simulation(agents: agents)
    _ = simulation.ask("POST", "/v2/apps", body: body)
    simulation.settle()
    return (simulation, simulation.ask("GET", "/v2/queue").json?["queue"]?[0] ?? .null)
  }

  private static func declined(_ item: JSON) -> [String: Int] {
    var result: [String: Int] = [:]
    for reason in item["processedOffersSummary"]?["rejectSummaryLastOffers"]?.arrayValue ?? [] {
      if let count = reason["declined"]?.intValue, count > 0 { result[reason["reason"]?.stringValue ?? ""] = count }
    }
    return result
  }

  @Test(arguments: [
    (#""cpus": 1000"#, "InsufficientCpus"), (#""mem": 100000"#, "InsufficientMemory"),
    (#""disk": 1000000"#, "InsufficientDisk"), (#""ports": [80], "requirePorts": true"#, "InsufficientPorts"),
    (#""constraints": [["hostname", "LIKE", "no-such"]]"#, "UnfulfilledConstraint"),
    (#""constraints": [["nope", "CLUSTER", "x"]]"#, "UnfulfilledConstraint"),
    (#""acceptedResourceRoles": ["other"]"#, "UnfulfilledRole"),
  ])
  func theQueueSaysWhyNoAgentFits(_ what: String, _ reason: String) {
    let (_, item) = Self.waiting(#"{"id": "/q", "cmd": "sleep 1", \#(what)}"#)
    #expect(item["count"] == 1)
    #expect(item["app"]?["id"] == "/q")
    #expect(Self.declined(item) == [reason: 3])
  }

  @Test func aConstraintUsedUpIsToldAndPlacedWhenThereIsRoomAgain() {
    var (simulation, item) = Self.waiting(
      #"{"id": "/u", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "instances": 5, "constraints": [["hostname", "UNIQUE"]]}"#
    )
    #expect(item["count"] == 2)
    #expect(Self.declined(item) == ["UnfulfilledConstraint": 3])
    #expect(Set(simulation.launches.map(\.agent.hostname)).count == 3)
    _ = simulation.ask("DELETE", "/v2/apps/u/tasks", query: [("host", "127.0.0.2")])
    simulation.settle()
    #expect(simulation.launches.last?.agent.hostname == "127.0.0.2")
  }

  @Test func theQueueHasTheRecordedShape() throws {
    let recording = try Recording("queue")
    let real = try #require(
      recording.exchanges.last {
        $0.path == "/v2/queue" && $0.query.isEmpty && $0.status == 200 && ($0.json?["queue"]?[0] != nil)
      })
    let realItem = try #require(real.json?["queue"]?[0])
    let (_, item) = Self.waiting(#"{"id": "/q", "cmd": "sleep 1", "cpus": 1000}"#)
    #expect(item.objectValue?.keys == realItem.objectValue?.keys)
    #expect(item["delay"]?.objectValue?.keys == realItem["delay"]?.objectValue?.keys)
    let (summary, realSummary) = (item["processedOffersSummary"], realItem["processedOffersSummary"])
    #expect(summary?.objectValue?.keys == realSummary?.objectValue?.keys)
    let names = { (json: JSON?) in json?["rejectSummaryLastOffers"]?.arrayValue?.map { $0["reason"] } }
    #expect(names(summary) == names(realSummary))
  }

  @Test func resourcesAreGivenOutOnceAndComeBack() {
    var simulation = Simulation(agents: 1, cpus: 1)
    _ = simulation.ask("POST", "/v2/apps", body: #"{"id": "/a", "cmd": "sleep 1", "cpus": 0.6, "mem": 16}"#)
    _ = simulation.ask("POST", "/v2/apps", body: #"{"id": "/b", "cmd": "sleep 1", "cpus": 0.6, "mem": 16}"#)
    simulation.settle()
    #expect(simulation.launches.map(\.app.id) == ["/a"])
    _ = simulation.ask("DELETE", "/v2/apps/a")
    simulation.settle()
    #expect(simulation.launches.map(\.app.id) == ["/a", "/b"])
  }

  @Test func portsOfTwoTasksDiffer() {
    var simulation = Simulation(agents: 2)
    _ = simulation.ask(
      "POST", "/v2/apps",
      body: #"{"id": "/p", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "instances": 6, "ports": [0, 0]}"#)
    simulation.settle()
    let ports = simulation.launches.flatMap(\.ports)
    #expect(ports.count == 12)
    #expect(Set(ports).count == 12)
  }

  @Test func delaysGrowUpToTheLimitAndStartAnewAfterAGoodRun() throws {
    let app = try AppDefinition.decode(
      try JSON(
        parsing: #"{"id": "/b", "cmd": "sleep 1", "backoffSeconds": 1, "backoffFactor": 2, "maxLaunchDelaySeconds": 5}"#
      ))
    var backoff = Backoff()
    let now = Timestamp(millisecondsSinceEpoch: 0)
    var delays: [Duration] = []
    for _ in 0..<5 {
      backoff.taskEnded(app, ranFor: .seconds(1), at: now)
      delays.append(backoff.remaining(at: now))
    }
    #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
    backoff.taskEnded(app, ranFor: .seconds(60), at: now)
    #expect(backoff.remaining(at: now) == .seconds(1))
  }

  @Test func aFailingCommandWaitsItsDelayInTheQueue() {
    var simulation = Simulation()
    simulation.ending = { _ in TaskEnd(.exited(1)) }
    _ = simulation.ask(
      "POST", "/v2/apps", body: #"{"id": "/c", "cmd": "exit 1", "backoffSeconds": 2, "backoffFactor": 2}"#)
    simulation.settle()
    #expect(simulation.launches.count == 1)
    #expect(simulation.ask("GET", "/v2/queue").json?["queue"]?[0]?["delay"]?["timeLeftSeconds"] == 2)
    simulation.advance(.milliseconds(2_100))
    #expect(simulation.launches.count == 2)
    simulation.advance(.milliseconds(3_500))
    #expect(simulation.launches.count == 2)
    #expect(simulation.ask("DELETE", "/v2/queue/c/delay").status == 204)
    simulation.settle()
    #expect(simulation.launches.count == 3)
  }
}

@Suite struct LoadTests {
  @Test func aHundredApplicationsAreStartedAndEnded() {
    var simulation = Simulation(agents: 3, cpus: 1000, mem: 1_000_000)
    let clock = ContinuousClock()
    let taken = clock.measure {
      for number in 0..<100 {
        _ = simulation.ask(
          "POST", "/v2/apps", body: #"{"id": "/load/\#(number)", "cmd": "sleep 1", "cpus": 0.1, "mem": 16}"#)
      }
      simulation.settle()
      #expect(simulation.launches.count == 100)
      for number in 0..<100 { _ = simulation.ask("DELETE", "/v2/apps/load/\(number)") }
      simulation.settle()
    }
    #expect(simulation.ask("GET", "/v2/deployments").json == [])
    #expect(taken < .seconds(30), "\(taken)")
    print("100 applications started and ended in \(taken)")
  }
}
