import Concurrency
import JSON
import Testing

@testable import LocalCluster

/// Whole recordings asked again: each answer has to have the recorded status, and where time does not matter the recorded body.
@Suite struct ReplayTests {
  @Test func refusalsOnOtherPathsAreThoseOfMarathon() throws {
    let recording = try Recording("errors-other")
    var simulation = Simulation()
    var checked = 0
    // The recording began with these two.
    _ = simulation.ask(
      "POST", "/v2/apps", body: #"{"id": "/ok/app", "cmd": "sleep 1000", "instances": 0, "ports": [12500]}"#)
    simulation.settle()
    for exchange in recording.exchanges where !Self.isOutOfScope(exchange) {
      let answer = simulation.replay(exchange)
      simulation.settle()
      checked += 1
      let about = Comment(rawValue: "\(exchange.method) \(exchange.path) \(exchange.note)")
      #expect(answer.status == exchange.status, about)
      guard exchange.status >= 400, exchange.status != 400, let real = exchange.json, let ours = answer.json else {
        continue
      }
      #expect(Normal.form(ours) == Normal.form(real), about)
    }
    #expect(checked > 60)
  }

  /// Groups, pods, plug-ins and the two faults of Marathon that clients have to work around are not part of this cluster.
  private static func isOutOfScope(_ exchange: Recording.Exchange) -> Bool {
    let isOther = ["/v2/groups", "/v2/pods", "/v2/leader", "/v2/events", "/v2/plugins", "/v2/artifacts"]
      .contains { exchange.path.hasPrefix($0) }
    return isOther || known.contains(exchange.note) || exchange.path.hasSuffix("/delay")
  }

  private static let known: Set<String> = [
    // Marathon names the group's index in its tree.
    "id below an existing app",
    // Marathon makes an application of the root's id of it.
    "list entry without id",
    // A parser's own words, or an error of the JVM.
    "a task id that fits but does not exist", "unknown id that fits", "bad selector", "no tasks",
    // 404 for a path that exists: this cluster has nothing to do and says so.
    "two slashes",
  ]

  @Test(arguments: [
    "deploy-lifecycle", "update-put", "tasks-kill", "rolling-half", "rolling-one-by-one", "rolling-zero",
  ])
  func statusesAndShapesOfALifeAreTheRecordedOnes(_ name: String) throws {
    let recording = try Recording(name)
    var simulation = Simulation()
    var tasks: [String: String] = [:]
    for exchange in recording.exchanges where exchange.path.hasPrefix("/v2/") && !exchange.path.contains("groups") {
      // Its one task is named before any answer has shown it.
      if exchange.path.contains("stubborn") { continue }
      var exchange = exchange
      simulation.settle()
      simulation.now = simulation.now + .milliseconds(5)
      var body = String(decoding: exchange.body, as: UTF8.self)
      for (real, ours) in tasks {
        exchange.path = exchange.path.replacing(real, with: ours)
        body = body.replacing(real, with: ours)
      }
      for index in exchange.query.indices where exchange.query[index].value.hasPrefix("agent-") {
        exchange.query[index].value = "127.0.0." + exchange.query[index].value.dropFirst("agent-".count)
      }
      exchange.body = Array(body.utf8)
      let answer = simulation.replay(exchange)
      let about = Comment(rawValue: "\(exchange.time) \(exchange.method) \(exchange.path) \(exchange.note)")
      #expect(answer.status == exchange.status, about)
      guard let real = exchange.json, let ours = answer.json else { continue }
      #expect(ours.objectValue?.keys.sorted() == real.objectValue?.keys.sorted(), about)
      Self.pair(real, ours, &tasks)
    }
  }

  /// Task ids of an answer, ours for the recorded ones on the same agent.
  private static func pair(_ real: JSON, _ ours: JSON, _ tasks: inout [String: String]) {
    func ids(_ json: JSON) -> [(host: String, id: String)] {
      ((json["tasks"] ?? json["app"]?["tasks"])?.arrayValue ?? []).map { task in
        let host = task["host"]?.stringValue ?? ""
        return (host.replacing("agent-", with: "127.0.0."), task["id"]?.stringValue ?? "")
      }
    }
    for (host, id) in ids(real) where tasks[id] == nil {
      let known = Set(tasks.values)
      tasks[id] = ids(ours).first { $0.host == host && !known.contains($0.id) }?.id
    }
  }
}
