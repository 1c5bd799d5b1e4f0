import Concurrency
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

@testable import Engine

/// Runs that nobody drives because they wait for a person.
@Suite(.timeLimit(.minutes(1))) struct ParkingTests {
  private let run = RunID(1)

  private func world(_ others: Application..., body: @escaping FakeScripts.Body) async throws -> World {
    let world = World()
    let asking = application("a") { $0.hooks[.beforeScheduler] = [.lua(HookScript(.text("script")))] }
    try await world.add(stack([asking] + others))
    world.scripts["script"] = body
    return world
  }

  /// How often a run was parked, when it waits for the approval and is parked.
  @discardableResult
  private func parked(_ engine: Engine, _ name: String, after before: Int = 0) async throws -> Int {
    var count = 0
    try await eventually("is parked waiting for \(name)") {
      count = engine.state.withLock { $0.parked }
      let waiting = try await engine.status(run).applications.first?.waiting
      return count > before && waiting?.cause == .approval(name)
    }
    return count
  }

  @Test func aRunIsDrivenAgainForEachAnswer() async throws {
    let world = try await world { _, call in
      for name in ["one", "two"] {
        let approval = try await call("approval", [.string(name)])
        _ = try await call("vars.set", [.string(name), approval["by"] ?? .null])
      }
    }
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      let count = try await parked(engine, "one")
      try await engine.approve(run, "one", by: "ann")
      try await parked(engine, "two", after: count)
      #expect(try await engine.status(run).variables["one"] == "ann")
      try await engine.approve(run, "two", by: "bob")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["two"] == "bob")
    #expect(world.scripts.starts.count == 3)
  }

  @Test func aParkedRunIsCancelledAtOnce() async throws {
    let world = try await world { _, call in _ = try await call("approval", ["go"]) }
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await parked(engine, "go")
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled, "\(status)")
    #expect(world.scripts.starts.count == 1)
  }

  @Test func whatComesForAParkedRunIsHeard() async throws {
    let world = try await world(application("b")) { _, call in _ = try await call("approval", ["go"]) }
    world.cluster.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await parked(engine, "go")
      try await eventually("the application is there") { world.cluster.apps["/b"] != nil }
      // Its hook is not over, and the other application is done all the same.
      world.cluster.becomeHealthy("/b")
      try await eventually("the other one is done") {
        try await engine.status(run).applications.map(\.state) == [.running, .done]
      }
      try await engine.approve(run, "go", by: "u")
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      world.cluster.becomeHealthy("/a")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
  }

  /// What is tried again after a pause is, though nobody drives the run in the pause.
  @Test func aParkedRunIsWokenInTime() async throws {
    let world = try await world(application("b")) { _, call in _ = try await call("approval", ["go"]) }
    world.cluster.refuse("create /b", ClusterError(.unavailable, "503"), ClusterError(.unavailable, "503"))
    world.time.hold()
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await parked(engine, "go")
      #expect(try await engine.status(run).applications.map(\.state) == [.running, .running])
      world.time.release()
      try await eventually("the other one is done") {
        try await engine.status(run).applications.map(\.state) == [.running, .done]
      }
      try await engine.approve(run, "go", by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
  }

  @Test func alarmsRingInTheirOrder() async throws {
    let time = LeapingTime(horizon: .zero)
    let alarms = Alarms(time)
    let rung = Locked<[Int]>([])
    func set(_ seconds: Int) {
      alarms.set(after: .seconds(seconds)) { rung.withLock { $0.append(seconds) } }
    }
    /// It may be between two sleeps, so time goes by in steps.
    func wait(for expected: [Int], step: Int) async throws {
      try await eventually("has rung: \(expected)") {
        time.advance(by: .seconds(step))
        return rung.withLock { $0 } == expected
      }
    }
    set(1_000_000_000)
    let service = Task { await alarms.run() }
    try await eventually("sleeps") { time.sleeperCount == 1 }
    set(2_000_000_000)
    set(10)
    // The earliest, though it was set last.
    try await wait(for: [10], step: 1)
    try await wait(for: [10, 1_000_000_000, 2_000_000_000], step: 100_000_000)
    set(0)
    try await wait(for: [10, 1_000_000_000, 2_000_000_000, 0], step: 0)
    service.cancel()
    await service.value
  }
}
