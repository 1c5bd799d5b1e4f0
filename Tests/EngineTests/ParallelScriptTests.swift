import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Scripts whose branches call beside each other.
@Suite struct ParallelScriptTests {
  private static func app(_ id: String, _ command: String = "run") -> JSON {
    ["id": .string(id), "cmd": .string(command), "cpus": 0.1, "mem": 32, "instances": 1]
  }

  private func waiting(_ engine: Engine) async throws -> WaitingReason.Cause? {
    try await engine.status(RunID(1)).applications.first?.waiting?.cause
  }

  private func calls(_ world: World) async throws -> [JournalRecord] {
    try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
      .filter { ["called", "answered", "logged"].contains($0.kind) }
  }

  /// What stands twice in the journal was done twice.
  private func expectOnce(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let all = try await calls(world)
    for kind in ["called", "answered", "logged"] {
      let numbers = all.filter { $0.kind == kind }.compactMap { $0.body["call"]?.intValue }
      #expect(Set(numbers).count == numbers.count, "\(kind): \(numbers)", sourceLocation: sourceLocation)
    }
  }

  @Test func callsOfBranchesAreOpenAtOnce() async throws {
    let world = try await World.scripted { _, call in
      let results = try await call.parallel([
        { call in
          let app = try await call("marathon.deploy", [Self.app("one")])
          return try await call("wait_healthy", [app])
        },
        { call in
          _ = try await call("vars.set", ["color", "green"])
          _ = try await call("time.sleep", ["5s"])
          return try await call("marathon.get", ["a"])
        },
        { call in try await call("vars.get", ["stack"]) },
      ])
      #expect(results.count == 3 && results[2] == "s")
      _ = try await call("log.info", ["after"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["color"] == "green")
    #expect(world.cluster.effects == ["create /a", "create /one"])
    try await expectOnce(world)
  }

  @Test func whatIsWaitedForIsNamedAllOfIt() async throws {
    let world = try await World.scripted { _, call in
      let waits: [FakeScriptCalls.Branch] = [
        { call in try await call("wait_healthy", ["/nowhere", ["timeout": "10h"]]) },
        { call in try await call("approval", ["go live"]) },
      ]
      let sleeps = (1...4).map { part -> FakeScriptCalls.Branch in
        { call in try await call("time.sleep", ["10h", .string("part \(part)")]) }
      }
      try await call.parallel(waits + sleeps)
    }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("all of it is called") {
        guard case .call(let text) = try await waiting(engine) else { return false }
        return text.hasPrefix("approval go live; ") && text.contains("wait_healthy /nowhere: ")
          && text.contains("; time.sleep ") && text.hasSuffix("; and 3 more calls")
      }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled)
  }

  @Test func twoApprovalsAreWaitedForWithoutAWorker() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in
          let by = try await call("approval", ["one"])["by"] ?? .null
          return try await call("vars.set", ["one", by])
        },
        { call in
          let by = try await call("approval", ["two"])["by"] ?? .null
          return try await call("vars.set", ["two", by])
        },
      ])
    }
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("waits") { try await waiting(engine) == .approval("one, two") }
      try await eventually("the worker is gone") { world.scripts.running == 0 }
      let error = await #expect(throws: EngineError.self) { try await engine.approve(RunID(1), "three", by: "x") }
      #expect(error?.message.contains("it waits for one, two") == true, "\(String(describing: error))")
      try await engine.approve(RunID(1), "two", by: "boss")
      try await eventually("waits for the other") {
        guard try await engine.status(RunID(1)).variables["two"] == "boss" else { return false }
        return try await waiting(engine) == .approval("one")
      }
      try await eventually("the worker is gone again") { world.scripts.running == 0 }
    }
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("waits again") { try await waiting(engine) == .approval("one") }
      try await engine.approve(RunID(1), "one", by: "chief")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["one"] == "chief" && status.variables["two"] == "boss")
    try await expectOnce(world)
  }

  /// One answer comes, and the script is run again while the others are performed: none is begun twice.
  @Test func whatIsPerformedGoesOnWhileTheScriptIsRunAgain() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in
          _ = try await call("time.sleep", ["1h"])
          return try await call("log.info", ["awake"])
        },
        { call in try await call("shell.run", ["long", ["timeout": "24h"]]) },
        { call in try await call("http.post", ["http://agent-1:31000/slow"]) },
        { call in try await call("time.sleep", ["10h"]) },
      ])
    }
    world.hooks.makeSlow()
    let mayAnswer = AsyncSignal()
    world.web.state.withLock { $0.answersWhen = mayAnswer }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await world.web.isAsked.wait()
      try await eventually("the command runs") { !world.hooks.runs.isEmpty }
      // It may begin to wait at any moment from here on, and is let go half a minute later.
      try await eventually("the worker is gone") {
        world.time.advance(by: .seconds(1))
        try await Task.sleep(for: .milliseconds(2))
        return world.scripts.running == 0
      }
      world.time.advance(by: .seconds(3_600))
      try await eventually("it goes on") { try await calls(world).contains { $0.kind == "logged" } }
      #expect(world.scripts.starts == ["script", "script"])
      mayAnswer.fire()
      world.hooks.end(HookResult(status: .exited(0), outputTail: ""))
      try await eventually("two have ended") { try await calls(world).filter { $0.kind == "answered" }.count == 3 }
      world.time.advance(by: .seconds(10 * 3600))
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["long"])
    #expect(world.web.requests.count == 1)
    try await expectOnce(world)
  }

  /// The second begins when the first has ended.
  @Test func branchesChangeAnApplicationOneAfterAnother() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("marathon.deploy", [Self.app("one", "first")]) },
        { call in try await call("marathon.deploy", [Self.app("one", "second")]) },
        { call in try await call("marathon.scale", ["one", 3]) },
      ])
      _ = try await call("marathon.destroy", ["one"])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(
      world.cluster.effects == ["create /a", "create /one", "update /one", "update /one", "destroy /one"])
  }

  @Test func aBranchThatFailsLetsTheOthersEnd() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("fail", ["no such topic"]) },
        { call in
          _ = try await call("time.sleep", ["2s"])
          return try await call("vars.set", ["color", "green"])
        },
      ])
    }
    let status = try await world.run()
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("no such topic") == true, "\(status)")
    #expect(status.variables["color"] == "green")
  }

  /// A call that is refused for its arguments stands nowhere: its place among the answers is the same all the same.
  @Test func wronglyMadeCallsAreAnsweredInTheSameOrderInAReplay() async throws {
    let isKilled = AsyncSignal()
    let world = try await World.scripted { _, call in
      let order = Locked<[String]>([])
      try await call.parallel([
        { call in
          _ = try await call("vars.set", ["a", "1"])
          order.withLock { $0.append("set") }
          return .null
        },
        { call in
          await #expect(throws: HostCallFailure.self) { try await call("time.sleep", [5]) }
          order.withLock { $0.append("refused") }
          return .null
        },
        { call in
          _ = try await call("vars.get", ["a"])
          order.withLock { $0.append("get") }
          return .null
        },
      ])
      #expect(order.withLock { $0 } == ["refused", "set", "get"])
      if !isKilled.isFired {
        isKilled.fire()
        try await Task.sleep(for: .seconds(3600))
      }
      _ = try await call("vars.set", ["order", .string(order.withLock { $0 }.joined(separator: " "))])
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["order"] == "refused set get")
  }

  @Test func aBranchThatCallsSomethingElseTheSecondTimeIsBlocked() async throws {
    let isKilled = AsyncSignal()
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("time.sleep", ["10h"]) },
        { call in
          _ = try await call("vars.set", ["color", isKilled.isFired ? "blue" : "green"])
          isKilled.fire()
          return try await call("time.sleep", ["10h"])
        },
      ])
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .blocked, "\(status)")
    #expect(status.failure?.reason.contains("call 2, vars.set") == true, "\(status)")
    #expect(status.failure?.reason.contains("blue") == true)
  }

  /// Two requests are in doubt, and a command goes on: a person decides about each of the two, and nothing else is done again.
  @Test func eachCallInDoubtIsDecidedByItself() async throws {
    let world = try await World.scripted { _, call in
      let answers = try await call.parallel([
        { call in try await call("http.post", ["http://agent-1:31000/one"]) },
        { call in try await call("http.post", ["http://agent-1:31000/two"]) },
        { call in try await call("shell.run", ["long"]) },
      ])
      #expect(answers[2]["status"] == 4)
    }
    world.hooks.makeSlow()
    world.web.state.withLock { $0.isSilent = true }
    try await world.serve(world.engine { $0.stopGrace = .zero }) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("both are sent, and the command runs") {
        world.web.requests.count == 2 && !world.hooks.runs.isEmpty
      }
    }
    world.web.state.withLock { $0.isSilent = false }
    let status = try await world.serve(world.engine()) { engine in
      for path in ["one", "two"] {
        let status = try await engine.waitUntilSettled(RunID(1))
        #expect(status.state == .blocked)
        #expect(
          status.failure?.reason.contains("POST http://agent-1:31000/\(path) was carried out") == true, "\(status)")
        try await engine.resume(RunID(1), .retryStep, by: "u")
      }
      world.hooks.end(HookResult(status: .exited(4), outputTail: ""))
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.web.requests.count == 4)
    #expect(world.hooks.runs == ["long"])
  }

  /// The outcome of the other call is kept: it is not in doubt afterwards.
  @Test func aBlockedCallWaitsForTheOutcomesOfTheOthers() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("shell.run", ["long"]) },
        { call in try await call("http.post", ["http://agent-1:31000/one"]) },
      ])
    }
    world.hooks.makeSlow()
    let mayAnswer = AsyncSignal()
    world.web.state.withLock { $0.answersWhen = mayAnswer }
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await world.web.isAsked.wait()
      try await eventually("the command runs") { !world.hooks.runs.isEmpty }
      world.hooks.lose()
      try await eventually("the script is ended") { world.scripts.running == 0 }
      #expect(try await engine.status(RunID(1)).state == .running)
      mayAnswer.fire()
      let status = try await engine.waitUntilSettled(RunID(1))
      #expect(status.state == .blocked)
      #expect(status.failure?.reason.contains("shell.run") == true, "\(status)")
      world.hooks.answer("long", HookResult(status: .exited(0), outputTail: ""))
      world.time.advance(by: .seconds(1))
      try await engine.resume(RunID(1), .retryStep, by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.web.requests.count == 1)
    #expect(world.hooks.runs == ["long", "long"])
  }

  /// As a worker whose script goes over a budget: the hook has failed when what it has sent has its outcome, and its commands are ended.
  @Test func aScriptThatIsEndedWaitsForTheOutcomesOfItsCalls() async throws {
    let web = FakeWeb()
    let world = try await World.scripted { _, call in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await call.parallel([
            { call in try await call("shell.run", ["long"]) },
            { call in try await call("time.sleep", ["10h"]) },
            { call in try await call("http.post", ["http://agent-1:31000/one"]) },
          ])
        }
        try await web.isAsked.wait()
        throw ScriptFailure(.budgetExceeded(.cpu), "over the CPU budget of 2s", place: "s.yaml:7")
      }
    }
    world.hooks.makeSlow()
    let mayAnswer = AsyncSignal()
    world.web.state.withLock { $0.answersWhen = mayAnswer }
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await world.web.isAsked.wait()
      web.isAsked.fire()
      try await eventually("the script is gone, and its command ended") {
        world.scripts.running == 0
          && world.hooks.state.withLock { $0.hooks.values.allSatisfy { $0.state != .running } && !$0.hooks.isEmpty }
      }
      #expect(try await engine.status(run).state == .running)
      mayAnswer.fire()
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("s.yaml:7: over the CPU budget") == true, "\(status)")
    let answered = try await calls(world).filter { $0.kind == "answered" }.compactMap { $0.body["call"]?.intValue }
    #expect(answered.sorted() == [1, 3])
  }

  @Test func cancelEndsAllThatIsOpen() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("shell.run", ["one"]) },
        { call in try await call("shell.run", ["two"]) },
        { call in try await call("wait_healthy", ["/nowhere", ["timeout": "10h"]]) },
        { call in try await call("approval", ["go"]) },
      ])
    }
    world.hooks.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("the commands run") { world.hooks.runs.count == 2 }
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled, "\(status)")
    let ends = world.hooks.state.withLock { $0.hooks.values.map(\.state) }
    #expect(ends == Array(repeating: .finished(HookResult(status: .cancelled, outputTail: "")), count: 2))
  }

  @Test func aHookThatIsLeftLeavesNothingOpen() async throws {
    let world = try await World.scripted { _, call in
      try await call.parallel([
        { call in try await call("shell.run", ["long"]) },
        { call in try await call("wait_healthy", ["/nowhere", ["timeout": "10h"]]) },
      ])
    }
    world.hooks.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("both are open") {
        let called = try await calls(world).filter { $0.kind == "called" }
        return called.count == 2 && !world.hooks.runs.isEmpty
      }
      world.hooks.lose()
      #expect(try await engine.waitUntilSettled(RunID(1)).state == .blocked)
      try await engine.resume(RunID(1), .skipStep, by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    let states = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
      .filter { $0.kind == "application_state" && $0.body["application"]?.stringValue?.contains("#") == true }
      .compactMap { $0.body["state"]?.stringValue }
    #expect(states.last == "stopped", "\(states)")
  }

  /// At every commit of the journal.
  @Test func aKilledServerDoesNotRepeatWhatBranchesDid() async throws {
    let body: FakeScripts.Body = { _, call in
      _ = try await call("vars.set", ["tries", "1"])
      let results = try await call.parallel([
        { call in
          let app = try await call("marathon.deploy", [Self.app("one")])
          _ = try await call("wait_healthy", [app])
          return try await call("marathon.scale", [app, 2])
        },
        { call in
          let app = try await call("marathon.deploy", [Self.app("two")])
          _ = try await call("cassandra.put", ["at", try await call("time.now", [])])
          return try await call("marathon.destroy", [app])
        },
        { call in
          let seen = try await call("vars.get", ["tries"])
          _ = try await call("time.sleep", ["3s"])
          return try await call("vars.set", ["tries", .string((seen.stringValue ?? "") + "+1")])
        },
      ])
      #expect(results[1] == true)
      _ = try await call("log.info", ["done"])
    }
    let calm = try await World.scripted(body)
    #expect(try await calm.run().state == .succeeded)
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000).count
    #expect(entries > 40)
    for kill in 1...entries {
      let world = try await World.scripted(body)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      #expect(world.cluster.effects.sorted() == calm.cluster.effects.sorted(), "after entry \(kill)")
      #expect(status.variables["tries"] == "1+1", "after entry \(kill)")
      try await expectOnce(world)
    }
  }
}
