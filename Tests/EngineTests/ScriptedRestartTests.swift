import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// `marathon.restart`: what is restarted, and what becomes of a restart whose answer was lost.
@Suite struct ScriptedRestartTests {
  private static let restarted: FakeScripts.Body = { _, call in
    _ = try await call("vars.set", ["before", "yes"])
    let app = try await call("marathon.restart", ["/a"])
    _ = try await call("wait_healthy", [app])
    _ = try await call("vars.set", ["after", "yes"])
  }

  @Test func tasksAreReplacedAndTheDefinitionStays() async throws {
    let world = try await World.scripted(Self.restarted)
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a", "restart /a"])
    let app = try #require(world.cluster.apps["/a"])
    #expect(app.version == "v2")
    #expect(app.tasks.map(\.version) == ["v2"])
    // A next run finds it as it is wanted.
    world.scripts["script"] = { _, _ in }
    #expect(try await world.run().state == .succeeded)
    #expect(world.cluster.effects.count == 2)
  }

  @Test func whatIsNotThereOrSomebodyElsesIsNotRestarted() async throws {
    let world = try await World.scripted { _, call in
      for (id, code, text) in [
        ("/none", HostCallFailure.Code.failed, "there is no application /none"),
        ("/foreign", .conflict, "was not deployed by this stack"),
      ] {
        do {
          _ = try await call("marathon.restart", [.string(id)])
          Issue.record("\(id) was restarted")
        } catch let failure as HostCallFailure {
          #expect(failure.code == code)
          #expect(failure.message.contains(text), "\(failure)")
        }
      }
    }
    world.cluster.install("/foreign", ["id": "foreign", "cmd": "other"])
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func aRestartWithoutAGrantIsDenied() async throws {
    let world = try await World.scripted(grants: ["marathon.restart:/b"]) { _, call in
      do {
        _ = try await call("marathon.restart", ["/a"])
        Issue.record("it was restarted")
      } catch let failure as HostCallFailure {
        #expect(failure.code == .denied)
      }
    }
    #expect(try await world.run().state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func anAnswerThatIsLostIsFoundOut() async throws {
    for isCarriedOut in [true, false] {
      let world = try await World.scripted(Self.restarted)
      let lost = ClusterError(.undecided, "the connection was closed")
      if isCarriedOut { world.cluster.loseAnswer("restart /a", lost) } else { world.cluster.refuse("restart /a", lost) }
      let status = try await world.run()
      #expect(status.state == .succeeded, "\(status)")
      #expect(world.cluster.effects == ["create /a", "restart /a"])
    }
  }

  /// The answer is lost, and somebody changes the application before the run looks at it.
  private func block(_ world: World) async throws -> RunStatus {
    let cluster = world.cluster
    let gate = ScriptedGate(choose: { _, point in
      guard point.kind == .effect, point.moment == .before, point.name == "restart /a",
        !cluster.effects.contains("update by somebody")
      else { return nil }
      cluster.state.withLock { state in
        state.effects.append("update by somebody")
        var definition = state.apps["/a"]?.definition.objectValue ?? [:]
        definition["mem"] = 64
        _ = state.update("/a", .object(definition))
      }
      return .undecided
    })
    return try await world.serve(world.engine(gate: gate)) { engine in
      try await engine.waitUntilSettled(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
  }

  private func runInDoubt(_ world: World, _ decision: ResumeDecision) async throws -> RunStatus {
    let blocked = try await block(world)
    #expect(blocked.state == .blocked)
    #expect(blocked.applications.first?.state == .blocked)
    #expect(blocked.applications.first?.called.map(\.state) == [.blocked])
    #expect(
      blocked.applications.first?.called.map(\.sentence) == ["restart: nobody can tell whether it was carried out"])
    let reason = blocked.failure?.reason ?? ""
    #expect(reason.contains("whether call 2, marathon.restart"), "\(reason)")
    #expect(reason.contains("another definition now than it was deployed with"), "\(reason)")
    // A server that comes later blocks it no further.
    let states = try await stateEntries(world)
    return try await world.serve(world.engine()) { engine in
      let status = try await engine.waitUntilSettled(RunID(1))
      #expect(status.state == .blocked)
      for _ in 0..<1_000 { await Task.yield() }
      #expect(try await stateEntries(world) == states)
      try await engine.resume(RunID(1), decision, by: "someone")
      return try await engine.waitUntilFinal(RunID(1))
    }
  }

  private func stateEntries(_ world: World) async throws -> Int {
    try await world.store.journal(of: RunID(1), after: 0, limit: 1_000).filter { $0.kind.hasSuffix("_state") }.count
  }

  @Test func whatNobodyCanTellIsMadeAgainOnceSomebodySaysSo() async throws {
    let world = try await World.scripted(Self.restarted)
    let status = try await runInDoubt(world, .retryStep)
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a", "update by somebody", "restart /a"])
    #expect(status.variables["after"] == "yes")
  }

  @Test func whatNobodyCanTellIsLeftOnceSomebodySaysSo() async throws {
    let world = try await World.scripted(Self.restarted)
    let status = try await runInDoubt(world, .skipStep)
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a", "update by somebody"])
    #expect(status.variables["after"] == nil)
  }

  /// The server that was started again has just asked the cluster what became of the restart.
  @Test func aDecisionCountsThatComesWhileTheClusterIsAsked() async throws {
    let world = try await World.scripted(Self.restarted)
    #expect(try await block(world).state == .blocked)
    let (isAsked, mayAnswer) = (AsyncSignal(), AsyncSignal())
    let look = Locked(0)
    let gate = ScriptedGate(
      onPoint: { number in
        guard number == look.withLock({ $0 }) else { return }
        isAsked.fire()
        try? await mayAnswer.wait()
      },
      choose: { number, point in
        if point.name == "look at /a" { look.withLock { if $0 == 0 { $0 = number } } }
        return nil
      })
    let status = try await world.serve(world.engine(gate: gate)) { engine in
      try await isAsked.wait()
      try await engine.resume(RunID(1), .retryStep, by: "someone")
      mayAnswer.fire()
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.cluster.effects == ["create /a", "update by somebody", "restart /a"])
  }

  /// At every commit of the journal.
  @Test func aKilledServerRestartsOnce() async throws {
    let calm = try await World.scripted(Self.restarted)
    #expect(try await calm.run().state == .succeeded)
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    for kill in 1...entries {
      let world = try await World.scripted(Self.restarted)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      #expect(world.cluster.effects == ["create /a", "restart /a"], "after entry \(kill)")
    }
  }
}
