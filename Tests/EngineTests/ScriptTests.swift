import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Hooks that are Lua, with scripts in Swift in the place of workers.
@Suite struct ScriptTests {
  private static func lua(_ name: String) -> HookCommand { .lua(HookScript(.text(name))) }

  private func world(_ hook: [HookCommand], at place: HookPlace = .afterScheduler) async throws -> World {
    let world = World()
    try await world.add(stack(application("a") { $0.hooks[place] = hook }))
    return world
  }

  private func events(_ world: World, _ run: RunID = RunID(1)) async throws -> [RunEvent] {
    var all: [RunEvent] = []
    for record in try await world.store.journal(of: run, after: 0, limit: 1_000) {
      all.append(try #require(RunEvent(record, of: run)))
    }
    return all
  }

  @Test func aScriptReadsAndSetsVariablesAndLogs() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { context, call in
      #expect(context["app"]?["id"] == "/a")
      #expect(context["app"]?["endpoints"] == ["agent-1:31000"])
      #expect(context["hook"] == "after_scheduler")
      #expect(context["run"]?["stack"] == "s")
      #expect(try await call("vars.get", ["stack"]) == "s")
      #expect(try await call("vars.get", ["none"]) == .null)
      _ = try await call("vars.set", ["color", "green"])
      #expect(try await call("vars.all", [])["color"] == "green")
      _ = try await call("log.info", ["is green"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["color"] == "green")
    let events = try await events(world)
    #expect(events.contains { $0.kind == .log && $0.sentence == "is green" && $0.application == "a" })
    #expect(events.contains { $0.kind == .stepEnded && $0.output == "is green\n" })
  }

  @Test func linesAndScriptsRunInTheirOrder() async throws {
    let world = try await world(["one", "two", Self.lua("script"), "three"])
    world.scripts["script"] = { [hooks = world.hooks] _, _ in
      #expect(hooks.runs == ["one; two"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["one; two", "three"])
    #expect(
      status.applications.first?.steps == [
        "launch", "healthy", "after_scheduler/1", "after_scheduler/2", "after_scheduler/3", "variables",
      ])
  }

  @Test func aScriptThatRaisesFailsItsApplication() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { _, call in
      _ = try await call("log.warn", ["soon"])
      _ = try await call("fail", ["no such topic"])
    }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("no such topic") == true, "\(status)")
    #expect(status.failure?.reason.contains("s.yaml:1") == true, "\(status)")
    #expect(status.failure?.logTail?.contains("soon") == true)
  }

  @Test func whatWasCalledBeforeAKillIsAnsweredFromTheJournal() async throws {
    let world = try await world([Self.lua("script")])
    let isKilled = AsyncSignal()
    world.scripts["script"] = { _, call in
      _ = try await call("vars.set", ["tries", "1"])
      let time = try await call("time.now", [])
      _ = try await call("log.info", ["before \(time)"])
      if !isKilled.isFired {
        isKilled.fire()
        // The server ends here.
        try await Task.sleep(for: .seconds(3600))
      }
      _ = try await call("log.info", ["after"])
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["script", "script"])
    let lines = try await events(world).filter { $0.kind == .log }.map(\.sentence)
    #expect(lines.count == 2, "\(lines)")
  }

  @Test func aScriptThatDoesSomethingElseTheSecondTimeIsBlocked() async throws {
    let world = try await world([Self.lua("script")])
    let isKilled = AsyncSignal()
    world.scripts["script"] = { _, call in
      _ = try await call("vars.set", ["color", isKilled.isFired ? "blue" : "green"])
      // Answered from the journal, so that the call before stands there.
      _ = try await call("vars.get", ["color"])
      if !isKilled.isFired {
        isKilled.fire()
        try await Task.sleep(for: .seconds(3600))
      }
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .blocked)
    #expect(status.failure?.reason.contains("call 1, vars.set") == true, "\(status)")
    #expect(status.failure?.reason.contains("green") == true)
    #expect(status.failure?.reason.contains("blue") == true)
  }

  /// As a worker would that its script has taken over.
  @Test func afterThatNothingIsDoneForItAnyMore() async throws {
    let isKilled = AsyncSignal()
    let world = try await World.scripted { _, call in
      guard isKilled.isFired else {
        _ = try await call("vars.set", ["color", "green"])
        isKilled.fire()
        try await Task.sleep(for: .seconds(3600))
        return
      }
      _ = try? await call("vars.set", ["color", "blue"])
      _ = try? await call("marathon.deploy", [["id": "green", "cmd": "x", "cpus": 0.1, "mem": 32]])
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .blocked, "\(status)")
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func aScriptThatLeavesOutWhatItDidIsBlocked() async throws {
    let world = try await world([Self.lua("script")])
    let isKilled = AsyncSignal()
    world.scripts["script"] = { _, call in
      if isKilled.isFired { return }
      _ = try await call("vars.set", ["color", "green"])
      isKilled.fire()
      try await Task.sleep(for: .seconds(3600))
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .blocked, "\(status)")
    #expect(status.failure?.reason.contains("ends without it") == true, "\(status)")
  }

  @Test func cancelEndsAScript() async throws {
    let world = try await world([Self.lua("script")])
    let isWaiting = AsyncSignal()
    world.scripts["script"] = { _, call in
      isWaiting.fire()
      _ = try await call("time.sleep", ["10h"])
    }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await isWaiting.wait()
      try await eventually("waits for the call") {
        try await engine.status(run).applications.first?.waiting?.cause.name == "call"
      }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled)
  }

  @Test func aLongWaitKeepsNoWorker() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { _, call in
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("time.sleep", ["10h"])
      _ = try await call("log.info", ["awake"])
    }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits for the call") {
        try await engine.status(run).applications.first?.waiting?.cause.name == "call"
      }
      try await eventually("the worker is gone") { world.scripts.running == 0 }
      try await eventually("sleeps") { world.time.sleeperCount >= 1 }
      world.time.advance(by: .seconds(10 * 3600))
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["script", "script"])
  }

  /// As `wait_for` does when it has waited for a while.
  @Test func aShortWaitKeepsNoWorkerWhereNoneIsWanted() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { _, call in
      _ = try await call("time.sleep", ["10s", "waits for it", true])
      _ = try await call("time.sleep", ["10s", "waits for it", false])
      _ = try await call("time.sleep", ["10s", "waits for it"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.scripts.starts == ["script", "script"])
  }

  @Test func anApprovalIsWaitedForWithoutAWorker() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { _, call in
      let approval = try await call("approval", ["go live"])
      _ = try await call("vars.set", ["by", approval["by"] ?? .null])
    }
    let run = RunID(1)
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go live")
      }
      try await eventually("the worker is gone") { world.scripts.running == 0 }
      await #expect(throws: EngineError.self) { try await engine.approve(run, "something else", by: "boss") }
    }
    // Over a restart; days later.
    world.time.advance(by: .seconds(3 * 24 * 3600))
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("waits again") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go live")
      }
      try await engine.approve(run, "go live", by: "boss")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["by"] == "boss")
    #expect(try await events(world).contains { $0.sentence.hasSuffix("approved by boss") })
  }

  @Test func anApprovalThatIsNotGivenInTimeIsAnError() async throws {
    let world = try await world([Self.lua("script")])
    world.scripts["script"] = { _, call in _ = try await call("approval", ["go", ["timeout": "10s"]]) }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("nobody has approved go within 10s") == true, "\(status)")
  }

  @Test func aScriptLooksAtTheCluster() async throws {
    let world = try await world([Self.lua("script")])
    world.cluster.install("/prod/other", ["id": "prod/other", "cmd": "x", "labels": ["tier": "b"]])
    world.scripts["script"] = { _, call in
      #expect(try await call("marathon.get", ["a"])["endpoints"] == ["agent-1:31000"])
      #expect(try await call("marathon.get", ["none"]) == .null)
      let ids = { (list: JSON) in list.arrayValue?.map { $0["id"]?.stringValue } }
      #expect(ids(try await call("marathon.list", [])) == ["/a", "/prod/other"])
      #expect(ids(try await call("marathon.list", [["prefix": "/prod/"]])) == ["/prod/other"])
      #expect(ids(try await call("marathon.list", [["label": "tier==b"]])) == ["/prod/other"])
      let tasks = try await call("marathon.tasks", ["/a"])
      #expect(tasks.arrayValue?.first?["ports"] == [31000, 31100])
      #expect(try await call("marathon.info", [])["version"] == "1.6.0")
      do {
        _ = try await call("marathon.tasks", ["/none"])
        Issue.record("there are tasks of nothing")
      } catch let failure as HostCallFailure {
        #expect(failure.code == .notFound)
      }
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
  }

  @Test func aSleepGoesOnWhereItWas() async throws {
    let world = try await world([Self.lua("script")])
    let isWaiting = AsyncSignal()
    world.scripts["script"] = { _, call in
      isWaiting.fire()
      _ = try await call("time.sleep", ["10h"])
    }
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits for the call") {
        try await engine.status(run).applications.first?.waiting?.cause.name == "call"
      }
    }
    world.time.advance(by: .seconds(9 * 3600))
    let before = world.time.now()
    let status = try await world.serve(world.engine()) { engine in
      world.time.advance(by: .seconds(3601))
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.time.now() - before < .seconds(2 * 3600))
  }
}

/// Scripts that deploy: each call is walked as an application of the stack is.
@Suite struct ScriptedWorkTests {
  private static let green: JSON = ["id": "green", "cmd": "run", "cpus": 0.1, "mem": 32, "instances": 1]

  @Test func aScriptDeploysWaitsScalesAndDestroys() async throws {
    let world = try await World.scripted { _, call in
      let app = try await call("marathon.deploy", [Self.green])
      #expect(app["id"] == "/green")
      let healthy = try await call("wait_healthy", [app, ["timeout": "5m"]])
      #expect(healthy["endpoints"]?.arrayValue?.count == 1, "\(healthy)")
      _ = try await call("marathon.scale", [app, 2])
      _ = try await call("wait_healthy", ["green", ["instances": 2]])
      #expect(try await call("marathon.restart", [app]) == ["id": "/green"])
      _ = try await call("wait_healthy", [app])
      #expect(try await call("marathon.destroy", [app]) == true)
      #expect(try await call("marathon.destroy", [app]) == false)
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(
      world.cluster.effects == ["create /a", "create /green", "update /green", "restart /green", "destroy /green"])
    #expect(try await world.owned().keys.sorted() == ["/a"])
    // What a script has called for is no application of the stack.
    #expect(status.applications.map(\.id) == ["a"])
  }

  @Test func whatAScriptHasDeployedIsTheStacks() async throws {
    let world = try await World.scripted { _, call in _ = try await call("marathon.deploy", [Self.green]) }
    #expect(try await world.run().state == .succeeded)
    #expect(try await world.owned().keys.sorted() == ["/a", "/green"])
    #expect(world.deployed["/green"]?["labels"]?["stack"] == "s")
    // As it is wanted: nothing happens the second time.
    #expect(try await world.run().state == .succeeded)
    #expect(world.cluster.effects == ["create /a", "create /green"])
    let down = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(kind: .down, stack: "s", user: "u")))
    }
    #expect(down.state == .succeeded)
    #expect(world.deployed.isEmpty)
  }

  @Test func whatBelongsToOthersIsAConflictThatAScriptMayCatch() async throws {
    let other = try await World.scripted { _, call in _ = try await call("marathon.deploy", [Self.green]) }
    #expect(try await other.run().state == .succeeded)
    try await other.add(
      Stack(
        name: "t",
        applications: ["b": application("b") { $0.hooks[.afterScheduler] = [.lua(HookScript(.text("other")))] }]))
    other.scripts["other"] = { _, call in
      do {
        _ = try await call("marathon.deploy", [["id": "/green", "cmd": "mine", "cpus": 0.1, "mem": 32]])
        Issue.record("it was taken over")
      } catch let failure as HostCallFailure {
        #expect(failure.code == .conflict)
        #expect(failure.message.contains("belongs to stack s"), "\(failure)")
      }
    }
    let status = try await other.run("t")
    #expect(status.state == .succeeded, "\(status)")
  }

  @Test func aTimeoutSaysWhatWasMissing() async throws {
    let world = try await World.scripted { _, call in
      _ = try await call("wait_healthy", ["/nowhere", ["timeout": "3s"]])
    }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("not healthy after 3s") == true, "\(status)")
    #expect(status.failure?.application == "a")
  }

  @Test func anApplicationWithoutAnIDIsRefused() async throws {
    let world = try await World.scripted { _, call in _ = try await call("marathon.deploy", [["cmd": "x"]]) }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("needs the id") == true, "\(status)")
  }

  /// At every commit of the journal, and at every request to the cluster.
  @Test func aKilledServerDoesNotRepeatWhatAScriptDid() async throws {
    let body: FakeScripts.Body = { _, call in
      let app = try await call("marathon.deploy", [Self.green])
      _ = try await call("vars.set", ["color", "green"])
      _ = try await call("wait_healthy", [app])
      _ = try await call("log.info", ["healthy"])
      _ = try await call("marathon.scale", [app, 2])
      _ = try await call("marathon.restart", [app])
      _ = try await call("marathon.destroy", [app])
    }
    let calm = try await World.scripted(body)
    #expect(try await calm.run().state == .succeeded)
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    #expect(entries > 30)
    for kill in 1...entries {
      let world = try await World.scripted(body)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      #expect(world.cluster.effects == calm.cluster.effects, "after entry \(kill)")
      #expect(status.variables["color"] == "green")
    }
  }
}
