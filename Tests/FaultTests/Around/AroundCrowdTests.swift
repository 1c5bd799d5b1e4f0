import Concurrency
import Engine
import EngineFakes
import FaultInjection
import StackModel
import Store
import Testing

/// 200 runs at once over 50 stacks, on a cluster and a store that fail now and then, through servers that end in the middle.
@Suite(.timeLimit(.minutes(20))) struct AroundCrowdTests {
  private static let stacks = 50

  private func name(_ number: Int) -> String { "s\(number)" }

  private func stack(_ number: Int) -> Stack {
    let name = name(number)
    let applications = [
      application("\(name)-a", hooks: [.beforeScheduler]), application("\(name)-b", after: ["\(name)-a"]),
    ]
    return Stack(name: name, applications: OrderedMap(applications.map { ($0.id, $0) }))
  }

  /// Those of one stack in the order in which they are asked for.
  private func requests(_ number: Int) -> [RunRequest] {
    let long = Duration.seconds(1_000_000)
    return [RunRecord.Kind.deploy, .deploy, .down, .deploy].map {
      RunRequest(kind: $0, stack: name(number), maxWait: long, lockWait: long, user: "u")
    }
  }

  @Test func allEndRightWhateverFails() async throws {
    let rounds = FaultBudget.isExhaustive ? 8 : 1
    var random = FaultBudget.generator("crowd")
    var faults = 0
    for round in 0..<rounds {
      faults += try await play(
        seed: UInt64.random(in: 0 ... .max, using: &random), round.isMultiple(of: 2) ? .sqlite : .memory)
    }
    FaultBudget.tried(faults, "around", "\(200 * rounds) runs over \(Self.stacks) stacks")
  }

  private func play(seed: UInt64, _ storage: SagaWorld.Storage) async throws -> Int {
    let world = try SagaWorld(storage)
    for number in 1...Self.stacks { try await world.add(stack(number)) }
    var random = SeededGenerator(seed: seed)
    let ends = [Int.random(in: 200...1_500, using: &random), Int.random(in: 200...2_500, using: &random), Int.max]
    var faults = 0
    for end in ends {
      let chance = Locked(SeededGenerator(seed: random.next()))
      let hasStarted = Locked(false)
      let gate = ScriptedGate(choose: { number, point in
        if number == end { return .gone }
        // One that cannot start is not played on.
        guard hasStarted.withLock({ $0 }) else { return nil }
        guard chance.withLock({ Int.random(in: 0..<40, using: &$0) }) == 0 else { return nil }
        // What mends itself; a hook that fails does not.
        switch point.kind {
        case .commit: return .unavailable
        case .look: return .unintelligible
        case .effect: return point.name.contains("hook") ? nil : point.moment == .after ? .undecided : .unavailable
        case .end: return nil
        }
      })
      let isOver = try await world.serve(gate: gate) { engine, store in
        hasStarted.withLock { $0 = true }
        return await withTaskGroup(of: Bool.self) { group in
          group.addTask { (try? await finish(engine, store)) ?? false }
          group.addTask {
            try? await gate.gone.wait()
            return false
          }
          let first = await group.next() ?? false
          group.cancelAll()
          return first
        }
      }
      faults += gate.happened.count
      if isOver { break }
    }
    try await check(world, seed)
    return faults
  }

  /// Submits what is not yet, all stacks at once, and waits for all ends.
  private func finish(_ engine: Engine, _ store: any Store) async throws -> Bool {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...Self.stacks {
        group.addTask {
          let filter = RunFilter(stack: name(number))
          var runs = try await store.runs(matching: filter, after: nil, limit: 100).elements.map(\.id).sorted()
          while runs.count < requests(number).count {
            do {
              runs.append(try await engine.submit(requests(number)[runs.count]))
            } catch let error as EngineError where error.code == .store(.unavailable) {
              // It may have been stored all the same.
              runs = try await store.runs(matching: filter, after: nil, limit: 100).elements.map(\.id).sorted()
            }
          }
          for run in runs { try await waitUntilFinal(engine, run) }
        }
      }
      try await group.waitForAll()
    }
    return true
  }

  /// Asks again where the store could not be read.
  private func waitUntilFinal(_ engine: Engine, _ run: RunID) async throws {
    while true {
      do {
        _ = try await engine.waitUntilFinal(run)
        return
      } catch let error as EngineError where error.code == .store(.unavailable) {}
    }
  }

  private func check(_ world: SagaWorld, _ seed: UInt64) async throws {
    let note: Comment = "crowd \(seed), \(FaultBudget.again)"
    let runs = try await world.withStore { store -> [RunRecord] in
      let runs = try await store.runs(matching: RunFilter(), after: nil, limit: 500).elements
      for run in runs {
        let flawed = try flaws(of: try await store.journal(of: run.id, after: 0, limit: 1_000), run)
        #expect(flawed.isEmpty, "run \(run.id), \(note)")
      }
      return runs
    }
    // One whose server ended before it told its number is not asked for again.
    #expect(runs.count == 4 * Self.stacks, note)
    let bad = runs.filter { $0.state != .succeeded }
    #expect(bad.isEmpty, "\(bad.map { "\($0.id) \($0.state) \($0.error ?? "")" }), \(note)")
    let effects = Dictionary(grouping: world.cluster.effects) { $0 }.mapValues(\.count)
    for number in 1...Self.stacks {
      for id in ["a", "b"] {
        #expect(effects["create /\(name(number))-\(id)"] == 2, note)
        #expect(effects["destroy /\(name(number))-\(id)"] == 1, note)
      }
    }
    // Once for each of its runs that launch.
    let hooks = Dictionary(grouping: world.hooks.runs) { $0 }.mapValues(\.count)
    #expect(hooks.count == Self.stacks && hooks.values.allSatisfy { $0 == 3 }, "\(hooks), \(note)")
    #expect(world.deployed.count == 2 * Self.stacks, note)
  }
}
