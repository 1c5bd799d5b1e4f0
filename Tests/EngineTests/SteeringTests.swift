import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

/// Locks, cancelling, resuming, stopping, following.
@Suite(.timeLimit(.minutes(1))) struct SteeringTests {
  @Test func oneRunPerStackAndZone() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.makeSlow()
    try await world.serve(world.engine()) { engine in
      let first = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      let second = try await engine.submit(RunRequest(stack: "s", user: "v"))
      let refused = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", lockWait: .zero, user: "w"))
      }
      #expect(refused?.code == .locked(by: first))
      try await eventually("the second run says what it waits for") {
        try await engine.status(second).waiting?.cause.name == "lock"
      }
      let waiting = try await engine.status(second)
      #expect(waiting.state == .queued)
      #expect(waiting.waiting?.sentence.hasPrefix("lock held by run \(first) (u, since ") == true)
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      world.cluster.becomeHealthy("/a")
      #expect(try await engine.waitUntilFinal(first).state == .succeeded)
      let status = try await engine.waitUntilFinal(second)
      #expect(status.state == .succeeded)
      #expect(status.applications.map(\.change) == [.unchanged])
    }
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func queuedRunsStayInOrderAfterARestart() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.makeSlow()
    let runs = try await world.serve(world.engine()) { engine in
      var runs: [RunID] = []
      for user in ["u", "v", "w"] {
        // The clock leaps: it must not leap over these.
        let long = Duration.seconds(1_000_000)
        runs.append(try await engine.submit(RunRequest(stack: "s", maxWait: long, lockWait: long, user: user)))
      }
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      return runs
    }
    try await world.serve(world.engine()) { engine in
      let (first, second) = (try await engine.status(runs[0]), try await engine.status(runs[1]))
      #expect(first.state == .running)
      #expect(second.state == .queued)
      world.cluster.becomeHealthy("/a")
      for run in runs { #expect(try await engine.waitUntilFinal(run).state == .succeeded) }
    }
    var ends: [Timestamp] = []
    for run in runs { ends.append(try #require(try await world.store.run(run)?.startedAt)) }
    #expect(ends == ends.sorted())
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func aLockThatIsNotFreedInTimeFailsTheRun() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.makeSlow()
    try await world.serve(world.engine()) { engine in
      let first = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      let second = try await engine.submit(RunRequest(stack: "s", lockWait: .seconds(60), user: "v"))
      try await eventually("it waits") { try await engine.status(second).waiting != nil }
      world.time.advance(by: .seconds(61))
      let status = try await engine.waitUntilFinal(second)
      #expect(status.state == .failed)
      #expect(status.failure?.reason.contains("lock held by run \(first)") == true)
      #expect(status.failure?.reason.hasSuffix("gave up after 1m") == true)
    }
  }

  @Test func cancelEndsWaitsAndHooks() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", hooks: [.beforeScheduler])))
    world.cluster.makeSlow()
    world.hooks.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("both are under way") {
        let status = try await engine.status(run)
        return status.applications.map(\.step) == ["healthy", "before_scheduler"]
      }
      try await engine.cancel(run, by: "v")
      let status = try await engine.waitUntilFinal(run)
      await #expect(throws: EngineError.self) { try await engine.cancel(run, by: "v") }
      return status
    }
    #expect(status.state == .cancelled)
    #expect(status.applications.map(\.state) == [.stopped, .stopped])
    #expect(world.cluster.apps.keys.sorted() == ["/a"])
    #expect(world.hooks.state.withLock { $0.hooks.values.map(\.state) }.allSatisfy { $0 != .running })
  }

  @Test func aCancelledRunThatWasQueuedNeverStarts() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.makeSlow()
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      let second = try await engine.submit(RunRequest(stack: "s", user: "v"))
      try await engine.cancel(second, by: "v")
      #expect(try await engine.waitUntilFinal(second).state == .cancelled)
    }
  }

  @Test func aFailureEndsOtherWaits() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", hooks: [.beforeScheduler])))
    world.cluster.makeSlow()
    world.hooks.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("both are under way") {
        try await engine.status(run).applications.map(\.step) == ["healthy", "before_scheduler"]
      }
      world.hooks.end(HookResult(status: .signalled(9), outputTail: ""))
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .failed)
    #expect(status.failure?.originalText == "b: signal: killed")
    #expect(status.applications.map(\.state) == [.stopped, .failed])
  }

  @Test func aLostHookBlocksTheRunUntilAPersonDecides() async throws {
    for decision in ResumeDecision.allCases {
      let world = World()
      try await world.add(stack(application("a", hooks: [.beforeScheduler]), application("b")))
      world.hooks.makeSlow()
      let run = try await world.serve(world.engine()) { engine in
        let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
        try await eventually("the hook runs") { world.hooks.runs.count == 1 }
        return run
      }
      world.hooks.lose()
      let status = try await world.serve(world.engine()) { engine in
        try await eventually("it is blocked") { try await engine.status(run).state == .blocked }
        let blocked = try await engine.status(run)
        #expect(blocked.applications[0].state == .blocked)
        #expect(blocked.failure?.reason.contains("--retry-step or --skip-step") == true)
        // What does not depend on the answer goes on.
        try await eventually("the other is done") { try await engine.status(run).applications[1].state == .done }
        return blocked
      }
      #expect(status.state == .blocked)
      let end = try await world.serve(world.engine()) { engine in
        try await engine.resume(run, decision, by: "v")
        if decision == .retryStep {
          try await eventually("the hook runs again") { world.hooks.runs.count == 2 }
          world.hooks.end()
        }
        return try await engine.waitUntilFinal(run)
      }
      #expect(end.state == .succeeded)
      #expect(world.hooks.runs.count == (decision == .retryStep ? 2 : 1))
    }
  }

  @Test func aHookGoesOnWhileTheServerIsAway() async throws {
    let world = World()
    try await world.add(stack(application("a", hooks: [.beforeScheduler])))
    world.hooks.makeSlow()
    let run = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("the hook runs") { world.hooks.runs.count == 1 }
      return run
    }
    #expect(try await world.store.run(run)?.state == .running)
    let status = try await world.serve(world.engine()) { engine in
      world.hooks.end()
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .succeeded)
    #expect(world.hooks.runs.count == 1)
  }

  @Test func anotherClusterBlocksTheRun() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", after: ["a"])))
    world.cluster.makeSlow()
    let run = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      return run
    }
    world.cluster.state.withLock { $0.id = "cluster-2" }
    try await world.serve(world.engine()) { engine in
      try await eventually("it is blocked") { try await engine.status(run).state == .blocked }
      world.cluster.state.withLock { $0.id = "cluster-1" }
      world.cluster.becomeHealthy("/a")
      try await engine.resume(run, .retryStep, by: "u")
      try await eventually("the next is there") { world.cluster.apps["/b"] != nil }
      world.cluster.becomeHealthy("/b")
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
    }
  }

  @Test func aNewerFormatBlocksTheRunAndItCanBeCancelled() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let epoch = try await world.store.beginEpoch()
    let record = try await world.store.createRun(
      RunRecord(
        id: RunID(0), kind: .deploy, stack: "s", zone: "", state: .running, snapshot: ["format": 99],
        createdAt: world.time.now(), createdBy: "u"), epoch: epoch)
    try await world.serve(world.engine()) { engine in
      let status = try await engine.status(record.id)
      #expect(status.state == .blocked)
      #expect(status.failure?.reason.contains("format 99") == true)
      let next = try await engine.submit(RunRequest(stack: "s", user: "u"))
      #expect(try await engine.status(next).state == .queued)
      try await engine.cancel(record.id, by: "u")
      #expect(try await engine.waitUntilFinal(next).state == .succeeded)
    }
    #expect(try await world.store.run(record.id)?.state == .cancelled)
  }

  @Test func followersSeeEveryEventOnceAndInOrder() async throws {
    let world = World()
    try await world.add(stack(application("a", hooks: [.beforeScheduler]), application("b", after: ["a"])))
    world.hooks.makeSlow()
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      async let live = collect(try await engine.events(run, after: 0))
      try await eventually("the hook runs") { world.hooks.runs.count == 1 }
      async let late = collect(try await engine.events(run, after: 2))
      world.hooks.end()
      let (all, rest) = (try await live, try await late)
      let count = try await world.store.journal(of: run, after: 0, limit: 1_000).count
      #expect(all == Array(1...Int64(count)))
      #expect(rest == Array(3...Int64(count)))
      // Afterwards from the journal alone.
      #expect(try await collect(try await engine.events(run, after: 0)) == all)
      #expect(try await collect(try await engine.events(run, after: Int64(count))).isEmpty)
    }
  }

  private func collect(_ events: RunEvents) async throws -> [Int64] {
    var sequences: [Int64] = []
    for try await event in events {
      if let sequence = event.sequence { sequences.append(sequence) }
    }
    return sequences
  }

  @Test func requestsToTheClusterAreLimited() async throws {
    let world = World()
    try await world.add(stack((0..<40).map { application("a\($0)") }))
    let engine = world.engine { $0.clusterRequestLimit = 3 }
    let status = try await world.serve(engine) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded)
    #expect(world.cluster.state.withLock { $0.mostUnderWay } <= 3)
  }

  @Test func whyItWaitsIsShown() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", after: ["a"])))
    world.cluster.makeSlow()
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      let reason = "no agent with enough cpus: 3 of 3 have less than 64"
      world.cluster.change("/a") { $0.queue = QueueStatus(waiting: 1, reasons: [reason]) }
      try await eventually("offers") {
        try await engine.status(run).applications[0].waiting?.cause == .offers([reason])
      }
      #expect(try await engine.status(run).applications[1].waiting?.sentence == "waits for a")
      world.cluster.change("/a") { app in
        app.queue = nil
        app.running = 1
        app.definition = .object(
          {
            var definition = app.definition.objectValue ?? [:]
            definition["healthChecks"] = [["path": "/"]]
            return definition
          }())
        app.tasks = [
          LiveTask(
            id: "t", host: "agent-1", ports: [1], state: "TASK_RUNNING",
            health: [TaskHealth(isAlive: false, consecutiveFailures: 2, lastFailureCause: "500 Internal Server Error")])
        ]
      }
      try await eventually("the health check") {
        try await engine.status(run).applications[0].waiting?.sentence
          == "1 of 1 instance fails the health check: 500 Internal Server Error"
      }
      world.cluster.becomeHealthy("/a")
      try await eventually("the next") { world.cluster.apps["/b"] != nil }
      world.cluster.becomeHealthy("/b")
      #expect(try await engine.waitUntilFinal(run).state == .succeeded)
    }
  }

  @Test func aLockedApplicationIsWaitedFor() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    try await world.serve(world.engine()) { engine in
      _ = try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    try await world.add(stack(application("a") { $0.mem = 64 }), revision: 2)
    world.cluster.change("/a") { $0.deployments = ["other"] }
    try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(100_000), user: "u"))
      try await eventually("it says so") {
        try await engine.status(run).applications[0].waiting?.cause == .deploymentLocked(["other"])
      }
      world.cluster.change("/a") { $0.deployments = [] }
      #expect(try await engine.waitUntilFinal(run).applications.map(\.change) == [.updated])
    }
  }
}
