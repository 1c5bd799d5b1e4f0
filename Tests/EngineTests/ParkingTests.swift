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

  /// Returns when the run waits for the approval, and nobody drives it.
  private func parked(_ engine: Engine, _ name: String) async throws {
    try await eventually("is parked waiting for \(name)") {
      guard let live = engine.state.withLock({ $0.live[run] }), live.mailbox.isLeft else { return false }
      return try await engine.status(run).applications.first?.waiting?.cause == .approval(name)
    }
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
      try await parked(engine, "one")
      try await engine.approve(run, "one", by: "ann")
      try await parked(engine, "two")
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

  /// Whenever it comes: also while its script is on its way to being parked. Else it would take until the time for ending is over, which never is here.
  @Test func aRunIsCancelledAtOnceWhileItIsBeingParked() async throws {
    let world = try await world { _, call in _ = try await call("approval", ["go"]) }
    world.time.hold()
    try await world.serve(world.engine()) { engine in
      for _ in 1...300 {
        let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
        while try await engine.status(run).applications.first?.waiting?.cause != .approval("go") { await Task.yield() }
        try await engine.cancel(run, by: "u")
        #expect(try await engine.waitUntilFinal(run).state == .cancelled)
      }
    }
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

  /// Also where the end of the waiting is known: an alarm ends it.
  @Test func anApprovalWithATimeKeepsNobody() async throws {
    let world = try await world { _, call in
      _ = try? await call("approval", ["go", ["timeout": "1h"]])
      _ = try await call("vars.set", ["over", "yes"])
    }
    let status = try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await parked(engine, "go")
      world.time.advance(by: .seconds(3_500))
      for _ in 0..<100 { await Task.yield() }
      #expect(try await engine.status(run).applications.first?.waiting?.cause == .approval("go"))
      world.time.advance(by: .seconds(100))
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(status.variables["over"] == "yes")
    #expect(world.scripts.starts.count == 2)
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
      alarms.set(at: time.uptime() + .seconds(seconds)) { rung.withLock { $0.append(seconds) } }
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
