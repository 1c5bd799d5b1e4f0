import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Stacks with a function in place of their graph.
@Suite struct ImperativeStackTests {
  private static func spec(_ id: String) -> JSON {
    ["id": .string(id), "cmd": "run", "cpus": 0.1, "mem": 32, "instances": 1]
  }

  private func world(grants: [String]? = nil, _ body: @escaping FakeScripts.Body) async throws -> World {
    let world = World()
    try await world.add(
      Stack(name: "s", grants: grants, run: HookScript(.function(.run), line: 3)), files: ["stack.lua": "s"])
    world.scripts["s run"] = body
    return world
  }

  private func submit(_ world: World, _ request: RunRequest) async throws -> RunStatus {
    try await world.serve(world.engine()) { engine in try await engine.waitUntilFinal(try await engine.submit(request))
    }
  }

  private func down(_ world: World) async throws -> RunStatus {
    try await submit(world, RunRequest(kind: .down, stack: "s", user: "u"))
  }

  @Test func theFunctionIsTheRun() async throws {
    let world = try await world { context, call in
      #expect(context == ["run": ["id": "1", "stack": "s"]])
      let app = try await call("marathon.deploy", [Self.spec("green")])
      let healthy = try await call("wait_healthy", [app])
      #expect(healthy["endpoints"] == ["agent-1:31000"])
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("cassandra.put", ["active", "green"])
      _ = try await call("log.info", ["is up"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.applications.map(\.id) == ["s"])
    #expect(status.applications.map(\.operation) == [.run])
    #expect(status.applications.map(\.steps) == [["run"]])
    #expect(status.applications.map(\.sentence) == ["done"])
    #expect(status.variables["color"] == "green")
    #expect(world.cluster.effects == ["create /green"])
    #expect(try await world.owned().keys.sorted() == ["/green"])
    #expect(world.deployed["/green"]?["labels"]?["stack"] == "s")
    let journal = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
    #expect(journal.contains { $0.path == "s/run" && $0.kind == "intent" })
    #expect(journal.contains { $0.path == "s/run#1/launch" && $0.kind == "intent" })
    let events = journal.compactMap { RunEvent($0, of: RunID(1)) }
    #expect(events.contains { $0.kind == .stepEnded && $0.application == "s" && $0.output == "is up\n" })
    #expect(!events.contains { $0.sentence.contains("hook") })
    // Nothing of it is looked for on the cluster.
    #expect(world.cluster.state.withLock { $0.apps["/s"] } == nil)
  }

  @Test func aZoneIsPartOfWhatItSees() async throws {
    let world = try await world { context, call in
      #expect(context == ["run": ["id": "1", "stack": "s", "zone": "z"]])
      #expect(try await call("vars.get", ["zone"]) == "z")
      _ = try await call("marathon.deploy", [Self.spec("green")])
    }
    // A layer's applications are without effect, also one that has the stack's name.
    try await world.add(
      Stack(name: "z", layer: 1, applications: ["s": application("s"), "b": application("b")]), level: .zone)
    let status = try await submit(world, RunRequest(stack: "s", zone: "z", skip: ["^s$"], user: "u"))
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.applications.map(\.id) == ["s"])
    #expect(world.cluster.effects == ["create /green"])
    #expect(world.deployed["/green"]?["labels"]?["zone"] == "z")
  }

  @Test func whatItWaitsForIsSaid() async throws {
    let world = try await world { _, call in
      _ = try await call("wait_healthy", [try await call("marathon.deploy", [Self.spec("green")])])
      _ = try await call("approval", ["go live"])
    }
    world.cluster.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      // The clock leaps: it must not leap over this.
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(1_000_000), user: "u"))
      try await eventually("waits for the application") {
        let waiting = try await engine.status(run).applications.first?.waiting
        return waiting?.step == "run"
          && waiting?.sentence.hasPrefix("waits for wait_healthy /green: 0 of 1 instance run") == true
      }
      world.cluster.becomeHealthy("/green")
      try await eventually("waits for a person") {
        try await engine.status(run).applications.first?.sentence == "waits for the approval go live"
      }
      try await eventually("the worker is gone") { world.scripts.running == 0 }
      try await engine.approve(run, "go live", by: "boss")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(Set(world.scripts.starts) == ["s run"] && world.scripts.starts.count > 1)
  }

  @Test func anErrorFailsTheRun() async throws {
    let world = try await world { _, call in
      _ = try await call("log.warn", ["soon"])
      _ = try await call("fail", ["no such topic"])
    }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.application == "s")
    #expect(status.failure?.reason.hasPrefix("run: ") == true, "\(status)")
    #expect(status.failure?.reason.contains("no such topic") == true, "\(status)")
    #expect(status.failure?.reason.contains("stack.lua:1") == true, "\(status)")
    #expect(status.failure?.logTail == "soon\n")
  }

  @Test func cancelEndsIt() async throws {
    let world = try await world { _, call in _ = try await call("time.sleep", ["10h"]) }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause.name == "call"
      }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled)
    #expect(status.applications.map(\.state) == [.stopped])
  }

  @Test func downRemovesWhatCameLaterFirst() async throws {
    let world = try await world { _, call in
      for id in ["db", "cache", "web"] { _ = try await call("marathon.deploy", [Self.spec(id)]) }
      // Once more, and with more instances: it stays where it was.
      _ = try await call("marathon.deploy", [["id": "db", "cmd": "other", "cpus": 0.1, "mem": 32]])
      _ = try await call("wait_healthy", ["/cache"])
      _ = try await call("marathon.scale", ["/cache", 2])
    }
    #expect(try await world.run().state == .succeeded)
    let dependencies = try await world.store.ownership(stack: "s", zone: "").map { [$0.application] + $0.dependencies }
    #expect(Set(dependencies) == [["/db"], ["/cache", "/db"], ["/web", "/db", "/cache"]])
    #expect(try await down(world).state == .succeeded)
    #expect(world.cluster.effects.suffix(3) == ["destroy /web", "destroy /cache", "destroy /db"])
    #expect(try await world.owned().isEmpty)
  }

  @Test func pruneRemovesWhatItNoLongerDeploys() async throws {
    let world = try await world { _, call in
      for id in ["blue", "green", "stays"] { _ = try await call("marathon.deploy", [Self.spec(id)]) }
    }
    #expect(try await world.run().state == .succeeded)
    world.scripts["s run"] = { _, call in
      _ = try await call("marathon.deploy", [Self.spec("green")])
      _ = try await call("wait_healthy", ["/stays"])
    }
    // Without it nothing is removed.
    #expect(try await world.run().state == .succeeded)
    #expect(try await world.owned().keys.sorted() == ["/blue", "/green", "/stays"])
    let status = try await submit(world, RunRequest(stack: "s", prune: true, user: "u"))
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.applications.map(\.id) == ["s", "/blue"])
    #expect(try await world.owned().keys.sorted() == ["/green", "/stays"])
    #expect(world.cluster.effects.last == "destroy /blue")
  }

  /// A destroy that failed, and that the script went on after, leaves nothing that the stack still has.
  @Test func pruneRemovesWhatItCouldNotDestroy() async throws {
    let world = try await world { _, call in _ = try await call("marathon.deploy", [Self.spec("blue")]) }
    #expect(try await world.run().state == .succeeded)
    world.cluster.refuse("destroy /blue", ClusterError(.invalid, "not now"))
    world.scripts["s run"] = { _, call in
      await #expect(throws: HostCallFailure.self) { try await call("marathon.destroy", ["/blue"]) }
    }
    let status = try await submit(world, RunRequest(stack: "s", prune: true, user: "u"))
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.deployed.isEmpty)
  }

  @Test func itReachesWhatItHasDeployed() async throws {
    let world = try await world(grants: ["marathon"]) { _, call in
      _ = try await call("wait_healthy", [try await call("marathon.deploy", [Self.spec("green")])])
      #expect(try await call("http.get", ["http://agent-1:31000/health"])["status"] == 200)
      await #expect(throws: HostCallFailure.self) { try await call("http.get", ["http://agent-1:80/"]) }
      await #expect(throws: HostCallFailure.self) { try await call("shell.run", ["ls"]) }
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.web.requests == ["GET http://agent-1:31000/health"])
    #expect(world.hooks.runs.isEmpty)
  }

  /// The answer would stay, in the journal: so it is waited for until somebody can tell.
  @Test(arguments: ["look at /green", "ownership of s"])
  func whoCannotTellForAMomentDeniesNothing(_ look: String) async throws {
    let isAsking = AsyncSignal()
    let world = try await world { _, call in
      _ = try await call("wait_healthy", [try await call("marathon.deploy", [Self.spec("green")])])
      isAsking.fire()
      _ = try await call("http.get", ["http://agent-1:31000/x"])
    }
    let failures = Locked(3)
    let gate = ScriptedGate(choose: { _, point in
      guard isAsking.isFired, point.name == look else { return nil }
      return failures.withLock { left in
        left -= 1
        return left >= 0 ? .unavailable : nil
      }
    })
    let status = try await world.serve(world.engine(gate: gate)) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(failures.withLock { $0 } < 0)
    #expect(world.web.requests == ["GET http://agent-1:31000/x"])
  }

  // MARK: Servers that end

  /// At every commit of the journal.
  @Test func aKilledServerDoesNotRepeatWhatItDid() async throws {
    let body: FakeScripts.Body = { _, call in
      let app = try await call("marathon.deploy", [Self.spec("green")])
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("wait_healthy", [app])
      _ = try await call("cassandra.put", ["active", "green"])
      #expect(try await call("shell.run", ["smoke"])["status"] == 0)
      _ = try await call("marathon.destroy", [app])
    }
    let calm = try await world(body)
    #expect(try await calm.run().state == .succeeded)
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    #expect(entries > 20)
    for kill in 1...entries {
      let world = try await world(body)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      #expect(world.cluster.effects == calm.cluster.effects, "after entry \(kill)")
      #expect(world.hooks.runs == ["smoke"])
      #expect(status.variables["color"] == "green")
    }
  }

  @Test func aRequestInDoubtBlocksItAndIsMadeAgain() async throws {
    let world = try await world { _, call in
      _ = try await call("wait_healthy", [try await call("marathon.deploy", [Self.spec("green")])])
      _ = try await call("http.post", ["http://agent-1:31000/x"])
      _ = try await call("log.info", ["posted"])
    }
    world.web.state.withLock { $0.isSilent = true }
    try await world.serve(world.engine { $0.stopGrace = .zero }) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await world.web.isAsked.wait()
    }
    world.web.state.withLock { $0.isSilent = false }
    let status = try await world.serve(world.engine()) { engine in
      let blocked = try await engine.waitUntilSettled(RunID(1))
      #expect(blocked.state == .blocked)
      #expect(blocked.failure?.application == "s" && blocked.failure?.step == "run")
      #expect(blocked.failure?.reason.contains("--skip-step to end the run as it is") == true, "\(blocked)")
      try await engine.resume(RunID(1), .retryStep, by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.web.requests.count == 2)
  }

  @Test func oneThatDoesSomethingElseIsBlockedAndMayBeLeft() async throws {
    let isKilled = AsyncSignal()
    let world = try await world { _, call in
      _ = try await call("vars.set", ["color", isKilled.isFired ? "blue" : "green"])
      if !isKilled.isFired {
        isKilled.fire()
        try await Task.sleep(for: .seconds(3600))
      }
    }
    let blocked = try await world.runOverRestart(when: isKilled)
    #expect(blocked.state == .blocked)
    #expect(
      blocked.failure?.reason.hasPrefix("run does not do again what it did before the server stopped: call 1, vars.set")
        == true, "\(blocked)")
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("is blocked again") { try await engine.status(RunID(1)).state == .blocked }
      try await engine.resume(RunID(1), .skipStep, by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["color"] == "green")
  }
}
