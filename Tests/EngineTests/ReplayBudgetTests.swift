import Concurrency
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

@testable import Engine

/// What scripts may use for being run again.
@Suite struct ReplayBudgetTests {
  @Test func aReplayMayUseTwiceWhatTheFirstTimeUsedAndALittleMore() {
    let former = Duration.milliseconds(40)
    #expect(ReplayBudget.excess(.milliseconds(180), before: former) == nil)
    let text = ReplayBudget.excess(.milliseconds(181), before: former)
    #expect(
      text?.hasPrefix("over the budget for running it again: 181ms of CPU time up to here, and 40ms the first time")
        == true)
    #expect(ReplayBudget.excess(.milliseconds(100), before: .zero) == nil)
    // Journals of releases that did not measure.
    #expect(ReplayBudget.excess(.seconds(2), before: nil) == nil)
  }

  @Test func whatIsUsedIsWrittenDownOnce() {
    let budget = ReplayBudget(limit: .seconds(1), used: .milliseconds(700))
    budget.use(.milliseconds(100))
    budget.use(.milliseconds(150))
    #expect(budget.takeOwed() == .milliseconds(250))
    #expect(budget.takeOwed() == .zero)
    #expect(budget.excess(with: .milliseconds(50)) == nil)
    #expect(budget.excess(with: .milliseconds(51))?.hasPrefix("over the budget of 1s of CPU time") == true)
  }

  /// Burns, and waits for longer than a worker is kept, again and again.
  private static let burning: FakeScripts.Body = { _, call in
    for _ in 1...100 {
      call.burn(.milliseconds(100))
      _ = try await call("time.sleep", ["40s"])
    }
  }

  /// The script, started so often, has called for its next sleep, and its worker is gone.
  private func sleeps(_ world: World, starts: Int) async throws -> Bool {
    let journal = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
    return journal.count { $0.kind == "called" } > journal.count { $0.kind == "answered" }
      && world.scripts.starts.count >= starts && world.scripts.running == 0
  }

  /// Lets a script that sleeps go on with a new worker. False where the run is over.
  private func goOn(_ world: World, _ engine: Engine, starts: Int) async throws -> Bool {
    try await eventually("sleeps without a worker, or has ended") {
      if try await engine.status(RunID(1)).state.isFinal { return true }
      return try await sleeps(world, starts: starts)
    }
    if try await engine.status(RunID(1)).state.isFinal { return false }
    world.time.advance(by: .seconds(41))
    try await eventually("it is run again") { world.scripts.starts.count > starts }
    return true
  }

  @Test func aScriptThatBurnsAndWaitsIsEnded() async throws {
    let world = try await World.scripted(Self.burning)
    let status = try await world.serve(world.engine { $0.limits.replayCPU = .seconds(1) }) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      var starts = 1
      while try await goOn(world, engine, starts: starts) { starts += 1 }
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .failed)
    let sentence = "over the budget of 1s of CPU time for running the scripts of a run again"
    #expect(status.failure?.reason.contains(sentence) == true, "\(status)")
    #expect(status.failure?.reason.contains("s.yaml:1") == true, "\(status)")
    // 0.1 + 0.2 + 0.3 + 0.4 is all that there is.
    #expect(world.scripts.starts.count == 6)
  }

  @Test func theSumSurvivesTheServer() async throws {
    let world = try await World.scripted(Self.burning)
    let adjust: @Sendable (inout EngineOptions) -> Void = { $0.limits.replayCPU = .seconds(1) }
    try await world.serve(world.engine(adjust)) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      for starts in 1...3 { #expect(try await goOn(world, engine, starts: starts)) }
      try await eventually("sleeps again") { try await sleeps(world, starts: 4) }
    }
    let journal = try await world.store.journal(of: RunID(1), after: 0, limit: 1_000)
    let figures = journal.filter { $0.kind == "called" }.map { $0.body["cpu_us"]?.intValue }
    #expect(figures == [100_000, 200_000, 300_000, 400_000])
    #expect(
      journal.filter { $0.kind == "called" }.compactMap { $0.body["replayed_us"]?.intValue }.reduce(0, +) == 600_000)
    // It is run again as its server starts, up to the fourth sleep: 0.3 more, and then 0.4.
    let status = try await world.serve(world.engine(adjust)) { engine in
      var starts = 5
      while try await goOn(world, engine, starts: starts) { starts += 1 }
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("over the budget of 1s") == true, "\(status)")
    #expect(world.scripts.starts.count == 6)
  }

  @Test func aReplayThatUsesMuchMoreThanBeforeIsEnded() async throws {
    let isSecond = AsyncSignal()
    let world = try await World.scripted { _, call in
      call.burn(isSecond.isFired ? .milliseconds(500) : .milliseconds(50))
      _ = try? await call("vars.set", ["color", "green"])
      if !isSecond.isFired {
        isSecond.fire()
        try await Task.sleep(for: .seconds(3600))
      }
      // It has caught the error, and is ended all the same.
      _ = try? await call("vars.set", ["color", "blue"])
    }
    let status = try await world.runOverRestart(when: isSecond)
    #expect(status.state == .failed)
    #expect(status.failure?.reason.contains("over the budget for running it again: 500ms") == true, "\(status)")
    #expect(status.variables["color"] == "green")
  }
}

/// The workers that scripts keep.
@Suite struct WorkerPlacesTests {
  @Test func whoHasWaitedLongestGivesUpFirst() async throws {
    let places = WorkerPlaces(2)
    let (first, second) = (try await places.take(), try await places.take())
    let (firstGivesUp, secondGivesUp) = (AsyncSignal(), AsyncSignal())
    second.wait { secondGivesUp.fire() }
    first.wait { firstGivesUp.fire() }
    async let third = places.take()
    try await secondGivesUp.wait()
    #expect(!firstGivesUp.isFired)
    // It has an answer: the other one is asked.
    second.goOn()
    #expect(firstGivesUp.isFired)
    first.giveBack()
    first.giveBack()
    let held = try await third
    held.giveBack()
    #expect(try await places.take() as Any? != nil)
  }

  @Test func whoBeginsToWaitIsAskedAtOnceWhereSomebodyWantsAPlace() async throws {
    let places = WorkerPlaces(1)
    let first = try await places.take()
    let task = Task { try await places.take() }
    let cancelled = Task { try await places.take() }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    let giveUp = AsyncSignal()
    try await eventually("is asked") {
      first.wait { giveUp.fire() }
      if !giveUp.isFired { first.goOn() }
      return giveUp.isFired
    }
    first.giveBack()
    try await task.value.giveBack()
    // Whoever was cancelled has no place.
    try await places.take().giveBack()
  }

  /// Sixty-four scripts that wait do not delay a hook that is due.
  @Test func scriptsThatWaitMakeRoom() async throws {
    let world = World()
    let waiting = (1...64).map { number in
      application("w\(number)") { $0.hooks[.afterScheduler] = [.lua(HookScript(.text("waits")))] }
    }
    try await world.add(stack(waiting))
    try await world.add(
      Stack(
        name: "t",
        applications: ["b": application("b") { $0.hooks[.afterScheduler] = [.lua(HookScript(.text("due")))] }]))
    world.scripts["waits"] = { _, call in
      // As long as a worker is kept for.
      _ = try await call("time.sleep", ["30s"])
      _ = try await call("log.info", ["awake"])
    }
    world.scripts["due"] = { _, call in _ = try await call("log.info", ["done"]) }
    let statuses = try await world.serve(world.engine()) { engine in
      let first = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await eventually("all wait") { world.scripts.running == 64 && world.time.sleeperCount >= 128 }
      let due = try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "t", user: "u")))
      #expect(due.state == .succeeded, "\(due)")
      #expect(world.scripts.starts.count == 65)
      try await eventually("one has given its worker up") { world.scripts.running == 63 }
      // One or the other may have begun to wait only now.
      try await eventually("all have slept") {
        world.time.advance(by: .seconds(30))
        return try await engine.status(first).state.isFinal
      }
      return [due, try await engine.status(first)]
    }
    #expect(statuses.map(\.state) == [.succeeded, .succeeded])
    // Who gave up for another is not charged with being run again.
    let charged = try await world.store.journal(of: RunID(1), after: 0, limit: 5_000)
      .filter { $0.body["replayed_us"] != nil }
    #expect(charged.isEmpty)
  }
}
