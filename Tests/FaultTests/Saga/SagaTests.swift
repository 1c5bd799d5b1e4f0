import Concurrency
import Engine
import FaultInjection
import JSON
import StackModel
import Store
import Testing

/// Every step of runs of several shapes is failed, and ended with its server; the world must be as the journal says, and
/// after `down` as it was before.
@Suite(.timeLimit(.minutes(30))) struct SagaTests {
  private func baseline(_ saga: Saga) async throws -> SagaPlay.Result {
    let result = try await SagaPlay(saga: saga, title: "no fault").run()
    #expect(result.trace.states.last == saga.end, "\(result.trace)")
    #expect(result.points.count > 10)
    return result
  }

  @Test(arguments: Saga.allCases)
  func aServerThatEndsAnywhereLeavesNoTrace(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let numbers = Array(1...(baseline.points.count + 3))
    let chosen = FaultBudget.choose(numbers, sample: 12, for: "crash \(saga)")
    var random = FaultBudget.generator("crash storage \(saga)")
    for number in chosen {
      var play = SagaPlay(saga: saga)
      play.storage = Int.random(in: 0..<4, using: &random) == 0 ? .sqlite : .memory
      play.title = "the server ends at \(number), \(play.storage)"
      play.lives = [{ count, _ in count == number ? .gone : nil }]
      try await expectSame(play, baseline.trace)
    }
    FaultBudget.tried(chosen.count, "saga", "\(saga) ended with its server")
  }

  @Test(arguments: Saga.allCases)
  func twoServersThatEndAnywhereLeaveNoTrace(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    var random = FaultBudget.generator("two crashes \(saga)")
    let count = FaultBudget.isExhaustive ? 60 : 6
    for _ in 0..<count {
      let first = Int.random(in: 1...baseline.points.count, using: &random)
      let second = Int.random(in: 1...30, using: &random)
      var play = SagaPlay(saga: saga)
      play.title = "servers end at \(first) and \(second)"
      play.lives = [{ number, _ in number == first ? .gone : nil }, { number, _ in number == second ? .gone : nil }]
      try await expectSame(play, baseline.trace)
    }
    FaultBudget.tried(2 * count, "saga", "\(saga) ended with two servers")
  }

  @Test(arguments: Saga.allCases)
  func whatFailsAnywhereIsMendedOrToldOf(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let all = baseline.points.enumerated().flatMap { index, point in
      point.faults.indices.map { (number: index + 1, flavour: $0) }
    }
    let chosen = FaultBudget.choose(all, sample: 30, for: "fail \(saga)")
    for (number, flavour) in chosen {
      var play = SagaPlay(saga: saga, title: "fault \(flavour) at \(number)")
      play.lives = [
        { count, point in
          guard count == number, !point.faults.isEmpty else { return nil }
          return point.faults[flavour % point.faults.count]
        }
      ]
      let result = try await play.run()
      judge(saga, result, baseline.trace)
    }
    FaultBudget.tried(chosen.count, "saga", "\(saga) with a step failed")
  }

  @Test(arguments: Saga.allCases)
  func aRunThatIsCancelledAnywhereLeavesWhatItsJournalSays(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let numbers = Array(1...baseline.points.count)
    let chosen = FaultBudget.choose(numbers, sample: 8, for: "cancel \(saga)")
    var random = FaultBudget.generator("cancel and crash \(saga)")
    for number in chosen {
      var play = SagaPlay(saga: saga, title: "cancelled at \(number)")
      play.cancelAt = number
      if Int.random(in: 0..<3, using: &random) == 0 {
        let end = number + Int.random(in: 1...12, using: &random)
        play.title += ", the server ends at \(end)"
        play.lives = [{ count, _ in count == end ? .gone : nil }]
      }
      let result = try await play.run()
      if result.isCancelled {
        let states = result.trace.states
        #expect(states.contains(.cancelled) || states.contains(.failed), "\(saga), \(play.title): \(result.trace)")
      }
      expectOnce(saga, result)
    }
    FaultBudget.tried(chosen.count, "saga", "\(saga) cancelled")
  }

  @Test(arguments: Saga.allCases)
  func eventsMayComeTwiceLateOutOfOrderOrNever(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    var random = FaultBudget.generator("events \(saga)")
    let count = FaultBudget.isExhaustive ? 60 : 4
    let disturbed = Locked(0)
    for _ in 0..<count {
      let seed = UInt64.random(in: 0 ... .max, using: &random)
      var play = SagaPlay(saga: saga, title: "events in the order of \(seed)")
      play.stream = { DisturbedEvents.stream($0, seed: seed) { disturbed.withLock { $0 += 1 } } }
      try await expectSame(play, baseline.trace)
    }
    FaultBudget.tried(disturbed.withLock { $0 }, "saga", "\(saga) with disturbed events")
  }

  // MARK: Judging

  /// Tasks of a run that was blocked at one of them: whoever skipped it did not know what it would have added.
  private static let lostWithTasks: Set<String> = ["k.brokers=done", "k.topics=done"]

  private func expectSame(
    _ play: SagaPlay, _ expected: Trace, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await play.run(sourceLocation: sourceLocation)
    for step in result.blocked {
      #expect(step.hasPrefix("k/tasks/") && step.hasSuffix("/run"), "\(play.saga), \(play.title): \(step)")
    }
    let differences = differences(result, expected)
    #expect(
      differences.isEmpty,
      """
      \(play.saga), \(play.title), \(result.happened), \(FaultBudget.again)
      \(differences)
      """, sourceLocation: sourceLocation)
  }

  private func differences(_ result: SagaPlay.Result, _ expected: Trace) -> String {
    var (trace, expected) = (result.trace, expected)
    if !result.blocked.isEmpty {
      trace.variables = trace.variables.map { $0.filter { !Self.lostWithTasks.contains($0) } }
      expected.variables = expected.variables.map { $0.filter { !Self.lostWithTasks.contains($0) } }
    }
    return trace.differences(from: expected)
  }

  private func judge(_ saga: Saga, _ result: SagaPlay.Result, _ expected: Trace) {
    let differences = differences(result, expected)
    let note: Comment = "\(saga), \(result.happened), \(FaultBudget.again)\n\(differences)"
    expectOnce(saga, result)
    guard let happened = result.happened.first else { return }
    switch consequence(of: happened) {
    case .none: #expect(differences.isEmpty, note)
    case .failure:
      #expect(result.trace.states.contains(.failed), note)
      #expect(result.trace.failures.contains { "\($0?.reason ?? "")\($0?.logTail ?? "")".contains("injected") }, note)
    case .decision: #expect(!result.blocked.isEmpty, note)
    }
  }

  private enum Consequence { case none, failure, decision }

  /// What may come of a single fault.
  private func consequence(of happened: ScriptedGate.Happened) -> Consequence {
    let (point, fault) = (happened.point, happened.fault)
    switch (point.kind, point.moment) {
    case (.commit, _): return .none
    case (.look, _): return point.name.hasPrefix("fill ") ? .failure : .none
    case (.effect, .before) where point.name.hasPrefix("end hook"): return .none
    case (.effect, .before) where point.name.hasPrefix("hook") || point.name.hasPrefix("task"): return .failure
    case (.effect, .before): return fault == .failed || fault == .invalid ? .failure : .none
    case (.effect, .after): return point.name.hasPrefix("task") ? .failure : .none
    case (.end, _): return fault == .undecided ? .decision : .failure
    }
  }

  /// No run does anything twice.
  private func expectOnce(_ saga: Saga, _ result: SagaPlay.Result) {
    let limit = saga.requests.count
    for (what, list) in [
      ("effect", result.trace.effects), ("hook", result.trace.hooks), ("task", result.trace.tasks),
    ] {
      let counts = Dictionary(grouping: list) { $0 }.mapValues(\.count)
      for (name, count) in counts where count > limit {
        // Around each of the two tasks the same hook runs.
        if what == "hook", name.contains("_task"), !name.contains("tasks"), count <= 2 { continue }
        Issue.record("\(what) \(name) happened \(count) times: \(saga), \(result.happened), \(FaultBudget.again)")
      }
    }
  }
}
