import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct FailureTests {
  private func deploy(
    _ world: World, _ request: RunRequest = RunRequest(stack: "s", user: "u")
  ) async throws -> RunStatus {
    try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(request))
    }
  }

  @Test func aFailingHookNamesItsStatusAndShowsItsOutput() async throws {
    let world = World()
    try await world.add(stack(application("a", hooks: [.beforeScheduler]), application("b", after: ["a"])))
    world.hooks.answer("a before_scheduler", HookResult(status: .exited(3), outputTail: "no such database"))
    let status = try await deploy(world)
    #expect(status.state == .failed)
    #expect(status.failure?.description == "a: hook before_scheduler exited with status 3")
    #expect(status.failure?.logTail == "no such database")
    #expect(status.failure?.originalText == "a: exit status 3")
    #expect(status.failure?.cause == nil)
    #expect(world.cluster.effects.isEmpty)
    #expect(status.applications.map(\.state) == [.failed, .pending])
  }

  @Test func whatTheClusterRefusesIsFinal() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.refuse(
      "create /a",
      ClusterError(.invalid, "Object is not valid", originalText: "Marathon API error: Object is not valid"))
    let status = try await deploy(world)
    #expect(status.state == .failed)
    #expect(status.failure?.reason == "Object is not valid")
    #expect(status.failure?.originalText == "a: Marathon API error: Object is not valid")
    // A claim on what was never created would only confuse.
    #expect(try await world.owned().isEmpty)
  }

  @Test func whatTheClusterCannotServeNowIsTriedAgain() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.refuse("read", ClusterError(.unavailable, "503"), ClusterError(.unavailable, "503"))
    world.cluster.refuse("create /a", ClusterError(.unavailable, "connection refused"))
    let status = try await deploy(world)
    #expect(status.state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func aLostAnswerIsSettledByAsking() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.loseAnswer("create /a", ClusterError(.undecided, "connection reset"))
    let status = try await deploy(world)
    #expect(status.state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
    #expect(try await world.owned().keys.sorted() == ["/a"])
  }

  @Test func aRequestThatNeverArrivedIsRepeatedOnlyAfterTwoReads() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.refuse("create /a", ClusterError(.undecided, "connection reset"))
    let before = world.time.now()
    let status = try await deploy(world)
    #expect(status.state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
    #expect(world.time.now() - before >= .seconds(3))
  }

  @Test func aChangeWhoseOutcomeStaysUnknownEndsWithItsTime() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let error = ClusterError(.undecided, "boom (status 500)", originalText: "Marathon API error: boom")
    for _ in 0..<100 { world.cluster.refuse("create /a", error) }
    let before = world.time.now()
    let status = try await deploy(world, RunRequest(stack: "s", maxWait: .seconds(20), user: "u"))
    #expect(status.state == .failed)
    #expect(status.failure?.reason == "boom (status 500)")
    #expect(status.failure?.originalText == "a: Marathon API error: boom")
    #expect(status.failure?.cause == .cluster)
    #expect((Duration.seconds(20)..<(.seconds(40))).contains(world.time.now() - before))
    #expect(world.cluster.effects.isEmpty)
  }

  @Test func aFailureOfTheClusterItselfIsAskedAboutAndNotRepeated() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.refuse("create /a", ClusterError(.failed, "boom (status 500)"))
    let status = try await deploy(world)
    #expect(status.failure?.reason == "boom (status 500)")
    #expect(world.cluster.effects.isEmpty)
    let again = World()
    try await again.add(stack(application("a")))
    again.cluster.loseAnswer("create /a", ClusterError(.failed, "boom (status 500)"))
    #expect(try await deploy(again).state == .succeeded)
    #expect(again.cluster.effects == ["create /a"])
  }

  @Test func aForeignApplicationIsLeftAlone() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    world.cluster.install("/a", ["id": "a", "cmd": "foreign"])
    let status = try await deploy(world)
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("--existing adopt") == true)
    #expect(status.failure?.cause == .conflict)
    #expect(world.cluster.effects.isEmpty)
  }

  @Test func existingFailHasTheOriginalsText() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    _ = try await deploy(world)
    let status = try await deploy(world, RunRequest(stack: "s", existing: .fail, user: "u"))
    #expect(status.failure?.originalText == "a: Marathon API error: An app with id [/a] already exists.")
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func anUnchangedApplicationIsLeftAloneAndAChangedOneUpdated() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b")))
    _ = try await deploy(world)
    try await world.add(stack(application("a"), application("b") { $0.mem = 64 }), revision: 2)
    let status = try await deploy(world)
    #expect(status.applications.map(\.change) == [.unchanged, .updated])
    #expect(world.cluster.effects.suffix(1) == ["update /b"])
    #expect(world.cluster.effects.count == 3)
  }

  @Test func whatSomeoneChangedByHandIsSetRight() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    _ = try await deploy(world)
    world.cluster.change("/a") { app in
      guard var definition = app.definition.objectValue else { return }
      definition["cmd"] = "by hand"
      app.definition = .object(definition)
    }
    let status = try await deploy(world)
    #expect(status.applications.map(\.change) == [.updated])
  }

  @Test func aWaitThatEndsSaysWhyAndShowsTheLog() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", after: ["a"])))
    world.cluster.makeSlow()
    world.cluster.state.withLock { $0.logs["t1"] = "bind: address already in use" }
    world.time.hold()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", maxWait: .seconds(30), user: "u"))
      try await eventually("the application is there") { world.cluster.apps["/a"] != nil }
      world.cluster.change("/a") { app in
        app.lastTaskFailure = TaskFailure(
          task: "t1", host: "agent-1", state: "TASK_FAILED", message: "Command exited with status 1",
          version: app.version)
      }
      world.time.release()
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .failed)
    #expect(
      status.failure?.reason
        == "not healthy after 30s: its last task ended: Command exited with status 1 (TASK_FAILED on agent-1)")
    #expect(status.failure?.logTail == "bind: address already in use")
    #expect(
      status.failure?.originalText
        == "a: Failed to await until the task is running and healthy within 30 retries")
  }

  @Test func aMaximumWaitOfZeroLooksOnce() async throws {
    let world = World()
    try await world.add(stack(application("a")))
    let status = try await deploy(world, RunRequest(stack: "s", maxWait: .zero, user: "u"))
    #expect(status.state == .succeeded)
  }

  @Test func unresolvedVariablesAreFoundBeforeAnyHookRuns() async throws {
    let world = World()
    try await world.add(
      stack(application("a", hooks: [.beforeScheduler]) { $0.launchCommand = "run ${nowhere}" }))
    let status = try await deploy(world)
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("${nowhere}") == true)
    #expect(world.hooks.runs.isEmpty)
  }

  @Test func variablesAreHandedOn() async throws {
    let world = World()
    try await world.add(
      stack(
        application("db"),
        application("web", after: ["db"]) {
          $0.launchCommand = "serve ${db.host} ${db.port1} ${db.api} ${stack} ${zone} ${mesos.master} ${who}"
          $0.hooks.afterScheduler = ["curl ${db.api} ${web.tasks}"]
        }))
    var request = RunRequest(stack: "s", variables: ["who": "me"], user: "u")
    request.variables["web.tasks"] = "t"
    let status = try await deploy(world, request)
    #expect(status.state == .succeeded, "\(String(describing: status.failure))")
    #expect(
      world.deployed["/web"]?["cmd"] == "serve agent-1 31100 http://agent-1:31000 s  zk://master me")
    #expect(world.hooks.runs == ["curl http://agent-1:31000 t"])
  }

  @Test func downRemovesDependentsFirstAndOnlyWhatIsOwned() async throws {
    let world = World()
    try await world.add(stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"])))
    _ = try await deploy(world)
    world.cluster.install("/other", ["id": "other"])
    let status = try await deploy(world, RunRequest(kind: .down, stack: "s", user: "u"))
    #expect(status.state == .succeeded)
    #expect(world.cluster.effects.suffix(3) == ["destroy /c", "destroy /b", "destroy /a"])
    #expect(world.cluster.apps.keys.sorted() == ["/other"])
    #expect(try await world.owned().isEmpty)
  }

  @Test func whatIsWrongWithAStackIsToldAtOnceAndNothingIsStored() async throws {
    let world = World()
    try await world.add(
      stack(
        application("a", after: ["z"]) { $0.cpu = 0 }, application("b") { $0.type = "run-once" },
        application("c", after: ["c"])))
    try await world.serve(world.engine()) { engine in
      let error = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", user: "u"))
      }
      #expect(error?.code == .invalid)
      #expect(error?.problems.count == 4, "\(String(describing: error))")
      #expect(error?.originalText == "Invalid application a: Invalid application CPU")
      let missing = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "nowhere", user: "u"))
      }
      #expect(missing?.code == .stackNotFound)
      #expect(missing?.originalText == "Stack does not exist")
      let zone = await #expect(throws: EngineError.self) {
        try await engine.submit(RunRequest(stack: "s", zone: "nowhere", user: "u"))
      }
      #expect(zone?.code == .zoneNotFound)
    }
    #expect(try await world.store.runs(matching: RunFilter(), after: nil, limit: 10).elements.isEmpty)
  }
}
