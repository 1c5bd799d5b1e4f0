import Concurrency
import FaultInjection
import Glibc
import HTTPClient
import StackAPI
import StackClient
import TestFolders
import Testing

/// Marathon answers late, wrongly, by half or not at all, its stream of events breaks, loses and doubles them, and it is
/// restarted, with a real server and the embedded cluster on both sides. Runs end right, or say what they wait for.
@Suite(.timeLimit(.minutes(30))) struct AroundMarathonTests {
  private static let locked = """
    {"message":"App is locked by one or more deployments.","deployments":[{"id":"someone-elses"}]}
    """
  private static let broken = #"{"message":"injected"}"#

  /// Every kind of request comes to every kind of harm, once and several times.
  private static var rules: [MarathonProxy.Rule] {
    let requests = [
      ("GET", "/v2/info"), ("GET", "/v2/apps/"), ("POST", "/v2/apps"), ("PUT", "/v2/apps/"), ("DELETE", "/v2/apps/"),
      ("GET", "/v2/deployments"), ("GET", "/v2/queue"),
    ]
    let troubles: [MarathonProxy.Trouble] = [
      .late(300), .refuse(503, broken), .refuse(429, broken), .refuse(502, "<html>"), .refuse(500, broken),
      .answer(503, broken), .answer(500, broken), .answer(200, "<html>"), .half, .hangUp, .swallow,
    ]
    var rules: [MarathonProxy.Rule] = []
    for (method, path) in requests {
      for trouble in troubles {
        for (skip, count) in [(0, 1), (1, 1), (0, 3)] {
          rules.append(MarathonProxy.Rule(method: method, path: path, skip: skip, count: count, trouble: trouble))
        }
      }
    }
    for count in [1, 4] {
      rules.append(MarathonProxy.Rule(method: "PUT", path: "/v2/apps/", count: count, trouble: .refuse(409, locked)))
      rules.append(MarathonProxy.Rule(method: "DELETE", path: "/v2/apps/", count: count, trouble: .refuse(409, locked)))
    }
    return rules
  }

  @Test func whateverBecomesOfRequestsRunsEndRight() async throws {
    let chosen = FaultBudget.choose(Self.rules, sample: 8, for: "marathon requests")
    let happened = try await playAll(chosen.map { ([$0], .none) })
    FaultBudget.tried(happened, "around", "requests to Marathon come to harm")
  }

  @Test func whateverBecomesOfEventsRunsEndRight() async throws {
    let count = FaultBudget.isExhaustive ? 6 : 1
    let all = MarathonProxy.StreamTrouble.allCases.filter { $0 != .none }
    let rounds = all.flatMap { Array(repeating: ([MarathonProxy.Rule](), $0), count: count) }
    let happened = try await playAll(rounds)
    FaultBudget.tried(happened, "around", "events of Marathon come to harm")
  }

  private func playAll(_ rounds: [([MarathonProxy.Rule], MarathonProxy.StreamTrouble)]) async throws -> Int {
    try await ClusterProcess.with { cluster in
      let left = Locked(Array(rounds.enumerated()))
      let happened = Locked(0)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            while let (number, (rules, stream)) = left.withLock({ $0.popLast() }) {
              let title = "\(rules.first.map { "\($0)" } ?? "events \(stream)"), \(FaultBudget.again)"
              do {
                let proxy = try MarathonProxy(to: cluster.url, rules: rules, stream: stream)
                defer { proxy.close() }
                let round = MarathonRound(name: "around-\(number)", cluster: cluster, title: title)
                try await round.play(proxy, mayFail: rules.contains(where: Self.isFinal))
                // A round that nothing has happened in shows nothing.
                #expect(proxy.happened > 0 || !rules.allSatisfy(Self.isMetForSure), "nothing happened: \(title)")
                happened.withLock { $0 += proxy.happened }
              } catch {
                Issue.record("\(title): \(error)")
              }
            }
          }
        }
      }
      return happened.withLock { $0 }
    }
  }

  /// Whether a round surely comes to what the rule is for. Why instances wait is only asked where they do not run yet, and
  /// one application is updated, once unless something goes wrong.
  private static func isMetForSure(_ rule: MarathonProxy.Rule) -> Bool {
    switch (rule.method, rule.path) {
    case ("GET", "/v2/queue"): false
    case ("PUT", _): rule.skip == 0
    default: true
    }
  }

  /// A failure of Marathon's own that did not do what was asked: the run tells it, and is not to try for ever.
  private static func isFinal(_ rule: MarathonProxy.Rule) -> Bool {
    guard rule.method != "GET", case .refuse(500, _) = rule.trouble else { return false }
    return true
  }

  @Test(.timeLimit(.minutes(3))) func aRunSaysThatItWaitsForMarathon() async throws {
    try await ClusterProcess.with { cluster in
      let proxy = try MarathonProxy(to: cluster.url)
      defer { proxy.close() }
      try await InProcessServer.with(marathon: proxy.url, cluster: cluster) { client in
        let round = MarathonRound(name: "waiting-1", cluster: cluster, title: "waiting")
        _ = try await client.add(APIStackAddition(source: round.yaml(cpu: "0.1")))
        // Marathon does not serve at all.
        proxy.set([.init(method: "GET", path: "/v2/apps/", count: .max, trouble: .refuse(503, Self.broken))])
        let run = try await client.start(APIRunRequest(stack: round.name))
        let waits = try await waiting(client, run, for: "cluster_unavailable")
        #expect(waits.hasPrefix("the cluster does not serve: "))
        #expect(waits.contains("(status 503)"), "\(waits)")
        proxy.set([])
        #expect(try await round.settled(client, run).run.state == "succeeded")
        // Somebody else's deployment holds the application.
        _ = try await client.add(APIStackAddition(source: round.yaml(cpu: "0.2"), replace: true))
        proxy.set([.init(method: "PUT", path: "/v2/apps/", count: .max, trouble: .refuse(409, Self.locked))])
        let update = try await client.start(APIRunRequest(stack: round.name))
        let locks = try await waiting(client, update, for: "deployment_locked")
        #expect(locks == "another deployment on the cluster holds it: someone-elses")
        proxy.set([])
        #expect(try await round.settled(client, update).run.state == "succeeded")
        let down = try await client.down(round.name, APIDownRequest())
        #expect(try await round.settled(client, down).run.state == "succeeded")
      }
    }
    FaultBudget.tried(2, "around", "Marathon does not serve")
  }

  @Test(.timeLimit(.minutes(5))) func aTaskThatIgnoresSIGTERMIsWaitedFor() async throws {
    try await ClusterProcess.with { cluster in
      let folder = try TemporaryFolder()
      try await InProcessServer.with(marathon: cluster.url, cluster: cluster) { client in
        let yaml = """
          name: stubborn
          applications:
            one:
              type: service
              id: stubborn-1
              cpu: 0.1
              mem: 16
              launch_command: 'trap "" TERM; echo $$ > \(folder.file("pid")); while :; do sleep 0.2; done'
          """
        let round = MarathonRound(name: "stubborn", cluster: cluster, title: "stubborn")
        _ = try await client.add(APIStackAddition(source: yaml))
        let run = try await client.start(APIRunRequest(stack: "stubborn"))
        #expect(try await round.settled(client, run).run.state == "succeeded")
        let down = try await client.down("stubborn", APIDownRequest())
        let waits = try await waiting(client, down, for: "stopping")
        #expect(waits == "its last tasks are being ended" || waits == "1 of its tasks still run", "\(waits)")
        #expect(try await round.settled(client, down).run.state == "succeeded")
        let pid = folder.read("pid").split(separator: "\n").first.flatMap { Int32($0) } ?? 0
        #expect(pid > 0 && kill(pid, 0) != 0, "the task runs after down")
      }
    }
    FaultBudget.tried(1, "around", "a task ignores SIGTERM")
  }

  @Test(.timeLimit(.minutes(10))) func marathonMayBeKilledAndRestarted() async throws {
    let pauses = FaultBudget.isExhaustive ? [0, 40, 120, 250, 400, 700] : [120]
    try await ClusterProcess.with { cluster in
      for (number, pause) in pauses.enumerated() {
        try await InProcessServer.with(marathon: cluster.url, cluster: cluster) { client in
          let round = MarathonRound(name: "restart-\(number)", cluster: cluster, title: "restarted after \(pause) ms")
          _ = try await client.add(APIStackAddition(source: round.yaml(cpu: "0.1")))
          let run = try await client.start(APIRunRequest(stack: round.name))
          try await Task.sleep(for: .milliseconds(pause))
          try await cluster.killAndRestart()
          let end = try await round.settled(client, run)
          if end.run.state != "succeeded" { throw KillFailure(try await round.story(client, run)) }
          let down = try await client.down(round.name, APIDownRequest())
          try await cluster.killAndRestart()
          let last = try await round.settled(client, down)
          if last.run.state != "succeeded" { throw KillFailure(try await round.story(client, down)) }
          #expect(try await cluster.applications(round.name).isEmpty)
        }
      }
    }
    FaultBudget.tried(2 * pauses.count, "around", "Marathon killed and restarted")
  }

  /// The sentence of the first wait with this cause.
  private func waiting(_ client: StackClient, _ run: Int64, for cause: String) async throws -> String {
    for _ in 0..<3_000 {
      let status = try await client.run(run)
      let waits = [status.waiting].compactMap { $0 } + status.applications.compactMap(\.waiting)
      if let found = waits.first(where: { $0.cause == cause }) { return found.sentence }
      if status.run.isFinal { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw KillFailure("run \(run) never said that it waits for \(cause)")
  }
}
