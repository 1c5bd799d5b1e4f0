import Concurrency
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

@testable import Engine

/// Failed runs that a person has go on.
@Suite(.timeLimit(.minutes(1))) struct ReopeningTests {
  private let run = RunID(1)

  private func scripted(_ id: String, _ others: [Application] = []) async throws -> World {
    let world = World()
    try await world.add(
      stack([application(id) { $0.hooks[.afterScheduler] = [.lua(HookScript(.text("script")))] }] + others))
    return world
  }

  private func failed(_ engine: Engine) async throws {
    _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
    #expect(try await engine.waitUntilFinal(run).state == .failed)
  }

  private func refusal(_ body: () async throws -> Void) async throws -> String {
    do {
      try await body()
    } catch let error as EngineError {
      #expect(error.code == .conflict)
      return error.message
    }
    Issue.record("it was not refused")
    return ""
  }

  @Test func aFailedScriptIsRunAgain() async throws {
    let world = try await scripted("a", [application("b") { $0.dependencies = ["a"] }])
    let isMended = Locked(false)
    world.scripts["script"] = { _, call in
      _ = try await call("marathon.deploy", [["id": "helper", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16]])
      _ = try await call("wait_healthy", ["helper"])
      _ = try await call("vars.set", ["tries", .string(isMended.withLock { $0 } ? "2" : "1")])
      if !isMended.withLock({ $0 }) { _ = try await call("fail", ["no such topic"]) }
    }
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      isMended.withLock { $0 = true }
      try await engine.resume(run, .retryStep, by: "ann")
      let status = try await engine.waitUntilFinal(run)
      #expect(status.state == .succeeded, "\(status)")
      #expect(status.failure == nil)
      #expect(status.applications.map(\.state) == [.done, .done])
      #expect(status.variables["tries"] == "2")
    }
    #expect(world.scripts.starts.count == 2)
    // What was there stays as it is.
    #expect(world.cluster.effects.sorted() == ["create /a", "create /b", "create /helper"], "\(world.cluster.effects)")
    #expect(try await world.store.run(run)?.state == .succeeded)
    #expect(try await world.store.run(run)?.error == nil)
  }

  @Test func aFailedStepIsLeftOut() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      try await engine.resume(run, .skipStep, by: "ann")
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
    }
    #expect(world.scripts.starts.count == 1)
  }

  @Test(arguments: ["create /a", "create /b", "create /c", "create /helper"])
  func onlyWhatFailedIsDoneAgain(refused: String) async throws {
    let world = try await scripted("a", [application("b") { $0.dependencies = ["a"] }, application("c")])
    world.scripts["script"] = { _, call in
      _ = try await call("marathon.deploy", [["id": "helper", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16]])
      _ = try await call("cassandra.put", ["k", 1])
    }
    world.cluster.refuse(refused, ClusterError(.invalid, "no such role"))
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      try await engine.resume(run, .retryStep, by: "ann")
      let status = try await engine.waitUntilFinal(run)
      #expect(status.state == .succeeded, "\(status)")
    }
    #expect(world.cluster.effects.sorted() == ["create /a", "create /b", "create /c", "create /helper"])
  }

  /// It fails again, and is resumed again.
  @Test func whatFailsAgainFailsTheRunAgain() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      for starts in 2...4 {
        try await engine.resume(run, .retryStep, by: "ann")
        let status = try await engine.waitUntilFinal(run)
        #expect(status.state == .failed)
        #expect(status.failure?.reason.contains("no such topic") == true)
        #expect(world.scripts.starts.count == starts)
      }
    }
  }

  /// What was under way elsewhere when the run failed goes on: an application that was waited for, a script where it was.
  @Test func whatWasUnderWayGoesOn() async throws {
    let world = try await scripted(
      "a", [application("b"), application("c") { $0.hooks[.beforeScheduler] = [.lua(HookScript(.text("other")))] }])
    let mayFail = AsyncSignal()
    let isMended = Locked(false)
    world.scripts["script"] = { _, call in
      try await mayFail.wait()
      if !isMended.withLock({ $0 }) { _ = try await call("fail", ["not yet"]) }
    }
    world.scripts["other"] = { _, call in
      let by = try await call("approval", ["go"])
      _ = try await call("vars.set", ["by", by["by"] ?? .null])
    }
    world.cluster.makeSlow()
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("both are there") { world.cluster.apps["/a"] != nil && world.cluster.apps["/b"] != nil }
      world.cluster.becomeHealthy("/a")
      mayFail.fire()
      let status = try await engine.waitUntilFinal(run)
      #expect(status.applications.map(\.state) == [.failed, .stopped, .stopped], "\(status)")
      isMended.withLock { $0 = true }
      try await engine.resume(run, .retryStep, by: "ann")
      world.cluster.becomeHealthy("/b")
      try await eventually("waits") {
        try await engine.status(run).applications.last?.waiting?.cause == .approval("go")
      }
      try await engine.approve(run, "go", by: "bob")
      try await eventually("the last one is there") { world.cluster.apps["/c"] != nil }
      world.cluster.becomeHealthy("/c")
      let end = try await engine.waitUntilFinal(run)
      #expect(end.state == .succeeded, "\(end)")
      #expect(end.variables["by"] == "bob")
    }
    #expect(world.cluster.effects.sorted() == ["create /a", "create /b", "create /c"], "\(world.cluster.effects)")
  }

  @Test func onlyTheLatestRunOfAStackGoesOnAndOnlyIfItHasFailed() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      world.scripts["script"] = { _, _ in }
      let second = try await engine.submit(RunRequest(stack: "s", user: "u"))
      #expect(try await engine.waitUntilFinal(second).state == .succeeded)
      let older = try await refusal { try await engine.resume(run, .retryStep, by: "ann") }
      #expect(older.contains("run 2 of stack s was started after run 1"), "\(older)")
      let done = try await refusal { try await engine.resume(second, .retryStep, by: "ann") }
      #expect(done.contains("run 2 is over: it has succeeded"), "\(done)")
    }
  }

  /// Of what failed as a whole no step can be left out.
  @Test func aRunThatFailedAsAWholeIsTriedAgain() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.refuse("read", ClusterError(.unauthorized, "go away"))
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      let text = try await refusal { try await engine.resume(run, .skipStep, by: "ann") }
      #expect(text.contains("failed as a whole"), "\(text)")
      try await engine.resume(run, .retryStep, by: "ann")
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
    }
  }

  @Test func theNextServerGoesOnWithIt() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in try await failed(engine) }
    world.scripts["script"] = { _, call in _ = try await call("approval", ["go"]) }
    try await world.serve(world.engine()) { engine in
      try await engine.resume(run, .retryStep, by: "ann")
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go")
      }
    }
    let status = try await world.serve(world.engine()) { engine in
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go")
      }
      try await engine.approve(run, "go", by: "ann")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
  }

  /// The server was killed between the record and the journal.
  @Test func aRunThatWasHalfReopenedHasFailedStill() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in try await failed(engine) }
    var record = try #require(try await world.store.run(run))
    record.state = .queued
    record.error = nil
    _ = try await world.store.updateRun(record, epoch: try await world.store.beginEpoch())
    try await world.serve(world.engine()) { engine in
      #expect(try await engine.waitUntilFinal(run).state == .failed)
      world.scripts["script"] = { _, _ in }
      try await engine.resume(run, .retryStep, by: "ann")
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
    }
  }

  @Test func itsEventsGoOnBehindItsFailure() async throws {
    let world = try await scripted("a")
    world.scripts["script"] = { _, call in _ = try await call("fail", ["no such topic"]) }
    try await world.serve(world.engine()) { engine in
      try await failed(engine)
      world.scripts["script"] = { _, call in _ = try await call("approval", ["go"]) }
      try await engine.resume(run, .retryStep, by: "ann")
      async let live = events(engine)
      try await eventually("waits") {
        try await engine.status(run).applications.first?.waiting?.cause == .approval("go")
      }
      try await engine.approve(run, "go", by: "bob")
      _ = try await engine.waitUntilFinal(run)
      let stored = try await events(engine)
      for events in [try await live, stored] {
        #expect(events.filter(\.isFinal).map(\.sequence) == [events.compactMap(\.sequence).max()])
        #expect(events.contains { $0.sentence == "ann resumes the run: retry-step" })
        #expect(
          events.filter { $0.kind == .runState }.compactMap { $0.data["state"]?.stringValue } == [
            "running", "failed", "running", "succeeded",
          ])
      }
    }
  }

  private func events(_ engine: Engine) async throws -> [RunEvent] {
    var all: [RunEvent] = []
    for try await event in try await engine.events(run) { all.append(event) }
    return all
  }
}
