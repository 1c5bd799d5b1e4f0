import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store
import Testing

/// Plays a saga through one server after another until its runs are over, and checks what must hold in any case.
struct SagaPlay: Sendable {
  /// What goes wrong in the life of one server.
  typealias Script = @Sendable (Int, FaultPoint) -> Fault?

  struct Result: Sendable {
    var trace: Trace
    /// Of the first server's life.
    var points: [FaultPoint]
    var happened: [ScriptedGate.Happened]
    /// Made by a person, wherever a run was blocked.
    var decisions: [SagaDecision]
    var isCancelled: Bool
    /// Every request of scripts, in the order in which they came.
    var requests: [String]
    /// How many there were, one after another.
    var servers: Int

    /// Steps at which a run was blocked: `k/tasks/brokers/run`.
    var blocked: [String] { decisions.map(\.step) }
  }

  let saga: Saga
  var storage = SagaWorld.Storage.memory
  /// A script for each server but the last, which meets no faults.
  var lives: [Script] = []
  /// The point of the first life at which the first run that is not over is cancelled.
  var cancelAt: Int?
  /// Ends the first server at the first point of which it is true.
  var endsWhen: (@Sendable (FaultPoint, SagaWorld) -> Bool)?
  /// Whether whoever decides about a script's request that is in doubt leaves the script there, instead of sending it again.
  var leavesScripts = false
  var stream: @Sendable (AsyncStream<ClusterEvent>) -> AsyncStream<ClusterEvent> = { $0 }
  /// Told of every point of the first life.
  var atPoint: (@Sendable (Int, SagaWorld) -> Void)?
  /// Called after each server's life.
  var afterLife: (@Sendable (SagaWorld) -> Void)?
  /// Called with the store's file once the first server has opened it, and when its life is over.
  var storeOpened: (@Sendable (String) -> Void)?
  var storeLeft: (@Sendable () -> Void)?
  /// For messages: how to see it again.
  var title = ""

  /// Real time after which a play counts as stuck.
  private static let patience = Duration.seconds(20)

  func run(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Result {
    let world = try SagaWorld(storage)
    try await saga.prepare(world)
    let before = world.deployed
    let earlier = try await world.withStore { try await $0.runs(matching: RunFilter(), after: nil, limit: 100) }
      .elements
    var points: [FaultPoint]?
    var happened: [ScriptedGate.Happened] = []
    let cancelled = Locked(false)
    let decisions = Locked<[SagaDecision]>([])
    var servers = 0
    var ends: [RunStatus]?
    for script in lives + [{ _, _ in nil }, { _, _ in nil }] where ends == nil {
      servers += 1
      let cancel = AsyncSignal()
      let isFirst = points == nil
      let gate = ScriptedGate(
        onPoint: { number in
          if isFirst { atPoint?(number, world) }
          guard isFirst, number == cancelAt else { return }
          cancel.fire()
          for _ in 0..<30 { await Task.yield() }
        },
        choose: { number, point in
          isFirst && endsWhen?(point, world) == true ? .gone : script(number, point)
        })
      let life = { @Sendable (engine: Engine, store: any Store) async -> [RunStatus]? in
        await withTaskGroup(of: [RunStatus]?.self) { group in
          group.addTask {
            try? await finish(engine, store, world, earlier: Set(earlier.map(\.id)), decisions)
          }
          group.addTask {
            try? await gate.gone.wait()
            return nil
          }
          group.addTask {
            guard (try? await Task.sleep(for: Self.patience)) != nil else { return nil }
            await report(engine, store, sourceLocation)
            return nil
          }
          let canceller = Task {
            guard (try? await cancel.wait()) != nil, let run = try? await store.unfinishedRuns().first else { return }
            if (try? await engine.cancel(run.id, by: "someone")) != nil { cancelled.withLock { $0 = true } }
          }
          let first = await group.next() ?? nil
          group.cancelAll()
          canceller.cancel()
          return first
        }
      }
      do {
        ends = try await world.serve(
          gate: gate, stream: stream, opened: { path in if isFirst { storeOpened?(path) } }, life)
      } catch let error where error is EngineError || error is StoreError {
        // This server could not even start.
        ends = nil
      }
      if isFirst { storeLeft?() }
      afterLife?(world)
      points = points ?? gate.points
      happened += gate.happened
    }
    guard let ends else {
      throw Stuck(description: "\(saga): no end after \(happened), \(title), \(FaultBudget.again)")
    }
    let trace = try await world.withStore { try await Trace(world, ends, $0) }
    try await check(world, before: before, ends, happened, sourceLocation)
    return Result(
      trace: trace, points: points ?? [], happened: happened, decisions: decisions.withLock { $0 },
      isCancelled: cancelled.withLock { $0 }, requests: world.web.requests, servers: servers)
  }

  struct Stuck: Error, CustomStringConvertible {
    let description: String
  }

  /// Submits what is not yet, and waits for all ends; decides where a person has to.
  private func finish(
    _ engine: Engine, _ store: any Store, _ world: SagaWorld, earlier: Set<RunID>, _ decisions: Locked<[SagaDecision]>
  ) async throws -> [RunStatus] {
    var runs = try await store.runs(matching: RunFilter(), after: nil, limit: 100).elements.map(\.id)
      .filter { !earlier.contains($0) }.sorted()
    for request in saga.requests.dropFirst(runs.count) { runs.append(try await engine.submit(request)) }
    var ends: [RunStatus] = []
    for run in runs {
      var status = try await settled(engine, store, run)
      while status.state == .blocked {
        let decision = SagaDecision(
          status.applications.first { $0.state == .blocked }, world, leavesScripts: leavesScripts)
        decisions.withLock { $0.append(decision) }
        try await engine.resume(run, decision.choice, by: "someone")
        status = try await settled(engine, store, run)
      }
      ends.append(status)
    }
    return ends
  }

  /// Returns when the run is over or needs a person.
  private func settled(_ engine: Engine, _ store: any Store, _ run: RunID) async throws -> RunStatus {
    var status = try await engine.status(run)
    if !status.state.isFinal, status.state != .blocked {
      for try await event in try await engine.events(run, after: status.sequence) where event.kind == .runState {
        status = try await engine.status(run)
        if status.state.isFinal || status.state == .blocked { break }
      }
      status = try await engine.status(run)
    }
    if status.state == .blocked { return status }
    guard status.state.isFinal else { throw EngineError(.unavailable, "the server stops") }
    // The journal tells first; the record follows, unless this server cannot write any more.
    for _ in 0..<10_000 {
      if try await store.run(run)?.state == status.state { return status }
      await Task.yield()
    }
    throw EngineError(.unavailable, "the record does not follow")
  }

  private func report(_ engine: Engine, _ store: any Store, _ sourceLocation: SourceLocation) async {
    var lines: [String] = []
    for record in (try? await store.unfinishedRuns()) ?? [] {
      guard let status = try? await engine.status(record.id) else { continue }
      let waits = status.applications.map { "\($0.id) \($0.state) \($0.step ?? "-"): \($0.sentence)" }
      lines.append("run \(record.id) \(status.state) \(status.waiting?.sentence ?? ""): \(waits)")
    }
    Issue.record(
      "\(saga), \(title), \(FaultBudget.again): stuck\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation
    )
  }

  /// World and journal agree; `down` brings back the world before.
  private func check(
    _ world: SagaWorld, before: [String: JSON], _ ends: [RunStatus], _ happened: [ScriptedGate.Happened],
    _ sourceLocation: SourceLocation
  ) async throws {
    let note: Comment = "\(saga), \(title), \(happened), \(FaultBudget.again)"
    let found = try await world.withStore { store -> ([String], JournaledWorld) in
      var journaled = JournaledWorld(before: before)
      var flawed: [String] = []
      for end in ends {
        let journal = try await store.journal(of: end.id, after: 0, limit: 1_000)
        let record = try #require(try await store.run(end.id))
        flawed += try flaws(of: journal, record)
        if record.state != end.state { flawed.append("run \(end.id) is \(record.state), its status \(end.state)") }
        try journaled.take(journal)
      }
      return (flawed, journaled)
    }
    #expect(found.0.isEmpty, note, sourceLocation: sourceLocation)
    let disagreement = found.1.disagreement(with: world.deployed)
    #expect(disagreement == nil, note, sourceLocation: sourceLocation)

    let down = try await world.runAll([RunRequest(kind: .down, stack: "s", user: "u")])
    #expect(down.map(\.state) == [.succeeded], note, sourceLocation: sourceLocation)
    // Whatever was there that no run of the stack had made or taken over.
    var foreign: [String: JSON] = ["/foreign": ["id": "foreign", "cmd": "something else"]]
    if saga == .existing || (saga == .adopt && world.deployed["/b"] != nil) { foreign["/b"] = before["/b"] }
    #expect(world.deployed == foreign, note, sourceLocation: sourceLocation)
    let left = try await world.withStore { try await $0.ownership(stack: "s", zone: "").map(\.application) }
    #expect(left.isEmpty, note, sourceLocation: sourceLocation)
  }
}
