import Concurrency
import JSON
import Testing

@testable import LocalCluster

@Suite struct DeploymentRuleTests {
  private static func app(_ simulation: inout Simulation, _ id: String) -> JSON? {
    simulation.ask("GET", "/v2/apps\(id)").json?["app"]
  }

  @Test func anApplicationCanBeRemovedWhileItStartsAndMadeAgain() {
    var simulation = Simulation()
    let body = #"{"id": "/dwd", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 3}"#
    _ = simulation.ask("POST", "/v2/apps", body: body)
    #expect(simulation.ask("DELETE", "/v2/apps/dwd", query: [("force", "false")]).status == 409)
    #expect(simulation.ask("DELETE", "/v2/apps/dwd").status == 200, "force is the default")
    #expect(simulation.ask("GET", "/v2/apps/dwd").status == 404)
    simulation.settle()
    #expect(simulation.ask("GET", "/v2/deployments").json == [])
    #expect(simulation.ask("GET", "/v2/tasks").json == ["tasks": []])
    #expect(simulation.ask("POST", "/v2/apps", body: body).status == 201)
    simulation.settle()
    #expect(Self.app(&simulation, "/dwd")?["tasksRunning"] == 3)
  }

  @Test func aChangeThatCannotBePlacedIsRolledBack() {
    var simulation = Simulation()
    _ = simulation.ask("POST", "/v2/apps", body: #"{"id": "/r", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16}"#)
    simulation.settle()
    let answer = simulation.ask("PUT", "/v2/apps/r", body: #"{"cpus": 1000}"#)
    simulation.settle()
    let id = answer.json?["deploymentId"]?.stringValue ?? ""
    #expect(simulation.ask("DELETE", "/v2/deployments/\(id)").status == 200)
    simulation.settle()
    let app = Self.app(&simulation, "/r")
    #expect(app?["cpus"] == 0.1)
    #expect(app?["deployments"] == [])
    #expect(app?["tasksRunning"] == 1)
    #expect(simulation.eventTypes().contains("deployment_failed"))
  }

  @Test func aStateOfTheVersionBeforeComesBackByItsName() {
    var simulation = Simulation()
    _ = simulation.ask(
      "POST", "/v2/apps", body: #"{"id": "/v", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "env": {"A": "1"}}"#)
    simulation.settle()
    let first = Self.app(&simulation, "/v")?["version"]?.stringValue ?? ""
    _ = simulation.ask("PUT", "/v2/apps/v", body: #"{"env": {"A": "2"}}"#)
    simulation.settle()
    #expect(Self.app(&simulation, "/v")?["env"] == ["A": "2"])
    #expect(simulation.ask("PUT", "/v2/apps/v", body: #"{"version": "\#(first)"}"#).status == 200)
    simulation.settle()
    #expect(Self.app(&simulation, "/v")?["env"] == ["A": "1"])
    #expect(Self.app(&simulation, "/v")?["version"]?.stringValue != first)
    #expect(simulation.ask("GET", "/v2/apps/v/versions/\(first)").json?["env"] == ["A": "1"])
    #expect(simulation.ask("GET", "/v2/apps/v/versions").json?["versions"]?.arrayValue?.count == 3)
  }

  @Test func scalingKeepsTasksAndTheirVersion() {
    var simulation = Simulation()
    _ = simulation.ask("POST", "/v2/apps", body: #"{"id": "/s", "cmd": "sleep 1", "cpus": 0.1, "mem": 16}"#)
    simulation.settle()
    let before = Self.app(&simulation, "/s")
    _ = simulation.ask("PUT", "/v2/apps/s", body: #"{"instances": 3}"#)
    simulation.settle()
    let after = Self.app(&simulation, "/s")
    #expect(after?["tasks"]?.arrayValue?.count == 3)
    #expect(after?["tasks"]?[0] == before?["tasks"]?[0])
    #expect(after?["versionInfo"]?["lastConfigChangeAt"] == before?["version"])
    #expect(after?["versionInfo"]?["lastScalingAt"] == after?["version"])
    _ = simulation.ask("PUT", "/v2/apps/s", body: #"{"instances": 1}"#)
    simulation.settle()
    // The youngest go first.
    #expect(Self.app(&simulation, "/s")?["tasks"] == before?["tasks"])
  }

  @Test func severalApplicationsAreDeployedInTheOrderOfTheirDependencies() {
    var simulation = Simulation()
    let answer = simulation.ask(
      "PUT", "/v2/apps",
      body: #"""
        [{"id": "/c", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "dependencies": ["/b"]},
         {"id": "/a", "cmd": "sleep 1", "cpus": 0.1, "mem": 16}, {"id": "/b", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "dependencies": ["/a"]}]
        """#)
    #expect(answer.status == 200)
    let steps = simulation.ask("GET", "/v2/deployments").json?[0]?["steps"]?.arrayValue ?? []
    #expect(
      steps.map { step in (step["actions"]?.arrayValue ?? []).map { $0["app"]?.stringValue ?? "" } } == [
        ["/a", "/b", "/c"], ["/a"], ["/b"], ["/c"],
      ])
    simulation.settle()
    #expect(simulation.launches.map(\.app.id) == ["/a", "/b", "/c"])
    #expect(
      simulation.ask("PUT", "/v2/apps/a", body: #"{"dependencies": ["/c"]}"#).json?["details"]?[0]?["errors"]?[0]
        == "Dependency graph has cyclic dependencies.")
  }

  @Test func theListIsFilteredByIdCommandAndLabel() {
    var simulation = Simulation()
    for body in [
      #"{"id": "/prod/web", "cmd": "serve it", "instances": 0, "labels": {"team": "a", "env": "prod"}}"#,
      #"{"id": "/prod/db", "cmd": "store it", "instances": 0, "labels": {"team": "b", "env": "prod"}}"#,
      #"{"id": "/dev/web", "cmd": "serve it", "instances": 0, "labels": {"team": "a"}}"#,
    ] { #expect(simulation.ask("POST", "/v2/apps", body: body).status == 201) }
    func ids(_ query: [(name: String, value: String)], _ simulation: inout Simulation) -> [String] {
      (simulation.ask("GET", "/v2/apps", query: query).json?["apps"]?.arrayValue ?? []).compactMap {
        $0["id"]?.stringValue
      }
    }
    #expect(ids([("id", "WEB")], &simulation) == ["/dev/web", "/prod/web"])
    #expect(ids([("cmd", "store")], &simulation) == ["/prod/db"])
    #expect(ids([("label", "team==a")], &simulation) == ["/dev/web", "/prod/web"])
    #expect(ids([("label", "team==a,env")], &simulation) == ["/prod/web"])
    #expect(ids([("label", "team!=a")], &simulation) == ["/prod/db"])
    #expect(ids([("label", "team in (b, c)")], &simulation) == ["/prod/db"])
    #expect(ids([("label", "env notin (dev)")], &simulation) == ["/prod/db", "/prod/web"])
    #expect(simulation.ask("GET", "/v2/apps", query: [("label", "a=b")]).status == 422)
    #expect(simulation.ask("GET", "/v2/apps/prod/*").json?["*"]?.arrayValue?.count == 2)
  }

  @Test func aClusterThatStopsEndsItsTasksAndStartsNoMore() {
    var simulation = Simulation()
    _ = simulation.ask(
      "POST", "/v2/apps", body: #"{"id": "/s", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "instances": 2}"#)
    simulation.settle()
    simulation.take(simulation.cluster.stop(at: simulation.now))
    simulation.advance(.seconds(10))
    #expect(simulation.launches.count == 2)
    #expect(simulation.ask("GET", "/v2/tasks").json == ["tasks": []])
    #expect(Self.app(&simulation, "/s")?["instances"] == 2)
  }
}
