import Concurrency
import Engine
import EngineFakes
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
    #expect(result.trace.states.last == saga.end, "\(saga), no fault, \(FaultBudget.again): \(result.trace)")
    #expect(result.points.count > 10, "\(saga), no fault, \(FaultBudget.again)")
    return result
  }

  @Test(arguments: Saga.allCases)
  func aServerThatEndsAnywhereLeavesNoTrace(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let numbers = Array(1...(baseline.points.count + 3))
    let chosen = FaultBudget.choose(numbers, sample: 12, for: "crash \(saga)")
    var random = FaultBudget.generator("crash storage \(saga)")
    var faults = 0
    for number in chosen {
      var play = SagaPlay(saga: saga)
      play.storage = Int.random(in: 0..<4, using: &random) == 0 ? .sqlite : .memory
      play.title = "the server ends at \(number), \(play.storage)"
      play.lives = [{ count, _ in count == number ? .gone : nil }]
      play.leavesScripts = Bool.random(using: &random)
      faults += try await expectSame(play, baseline.trace).happened.count
    }
    FaultBudget.tried(faults, "saga", "\(saga) ended with its server")
  }

  @Test(arguments: Saga.allCases)
  func twoServersThatEndAnywhereLeaveNoTrace(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    var random = FaultBudget.generator("two crashes \(saga)")
    let count = FaultBudget.isExhaustive ? 60 : 6
    var faults = 0
    for _ in 0..<count {
      let first = Int.random(in: 1...baseline.points.count, using: &random)
      let second = Int.random(in: 1...30, using: &random)
      var play = SagaPlay(saga: saga)
      play.title = "servers end at \(first) and \(second)"
      play.lives = [{ number, _ in number == first ? .gone : nil }, { number, _ in number == second ? .gone : nil }]
      play.leavesScripts = Int.random(in: 0..<4, using: &random) == 0
      faults += try await expectSame(play, baseline.trace).happened.count
    }
    FaultBudget.tried(faults, "saga", "\(saga) ended with two servers")
  }

  @Test(arguments: Saga.allCases)
  func whatFailsAnywhereIsMendedOrToldOf(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let all = baseline.points.enumerated().flatMap { index, point in
      point.faults.indices.map { (number: index + 1, flavour: $0) }
    }
    let chosen = FaultBudget.choose(all, sample: 30, for: "fail \(saga)")
    var faults = 0
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
      faults += result.happened.count
    }
    FaultBudget.tried(faults, "saga", "\(saga) with a step failed")
  }

  @Test(arguments: Saga.allCases)
  func aRunThatIsCancelledAnywhereLeavesWhatItsJournalSays(_ saga: Saga) async throws {
    let baseline = try await baseline(saga)
    let numbers = Array(1...baseline.points.count)
    let chosen = FaultBudget.choose(numbers, sample: 8, for: "cancel \(saga)")
    var random = FaultBudget.generator("cancel and crash \(saga)")
    var faults = 0
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
        #expect(
          states.contains(.cancelled) || states.contains(.failed),
          "\(saga), \(play.title), \(FaultBudget.again): \(result.trace)")
      }
      expectOnce(saga, result)
      faults += result.happened.count + (result.isCancelled ? 1 : 0)
    }
    FaultBudget.tried(faults, "saga", "\(saga) cancelled")
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

  /// Between the intent of a request that must not be repeated and its answer the run is blocked, whatever else of the script is
  /// under way; nothing is sent that the person has not decided about.
  @Test(arguments: [Saga.imperative, .parallel], [false, true])
  func aRequestInDoubtIsDecidedByAPerson(_ saga: Saga, leavesScripts: Bool) async throws {
    let baseline = try await baseline(saga)
    let chosen = baseline.points.indices.filter { place in
      let name = baseline.points[place].name
      return baseline.points[place].kind == .commit && (name.contains(" called") || name.contains(" answered"))
    }
    var decisions: [SagaDecision] = []
    var faults = 0
    for request in baseline.trace.posts {
      var play = SagaPlay(saga: saga, title: "the server ends when \(request) has come")
      play.endsWhen = { point, world in
        point.kind == .commit && point.moment == .before && world.web.requests.contains(request)
      }
      play.leavesScripts = leavesScripts
      let result = try await expectSame(play, baseline.trace)
      let made = result.decisions
      faults += result.happened.count
      // In `parallel` another one may be in doubt as well, and where the script is left nobody is asked about the second.
      #expect(
        made.contains { $0.request == request && $0.seen == 1 } || (leavesScripts && !made.isEmpty),
        "\(made), \(FaultBudget.again)")
    }
    for place in chosen {
      var play = SagaPlay(saga: saga, title: "the server ends at \(place + 1)")
      play.lives = [{ count, _ in count == place + 1 ? .gone : nil }]
      play.leavesScripts = leavesScripts
      let result = try await expectSame(play, baseline.trace)
      decisions += result.decisions
      faults += result.happened.count
    }
    // Before its server was gone it had come, or had not. In `parallel` the points have other numbers each time.
    #expect(saga == .parallel || Set(decisions.map(\.seen)) == [0, 1], "\(decisions), \(FaultBudget.again)")
    FaultBudget.tried(faults, "saga", "\(saga) ended with its server around a request")
  }

  // MARK: Judging

  /// Tasks of a run that was blocked at one of them: whoever skipped it did not know what it would have added.
  private static let lostWithTasks: Set<String> = ["k.brokers=done", "k.topics=done"]

  @discardableResult
  private func expectSame(
    _ play: SagaPlay, _ expected: Trace, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> SagaPlay.Result {
    let result = try await play.run(sourceLocation: sourceLocation)
    for decision in result.decisions {
      let isTask = decision.step.hasPrefix("k/tasks/") && decision.step.hasSuffix("/run")
      #expect(isTask || decision.request != nil, "\(play.saga), \(play.title), \(FaultBudget.again): \(decision)")
    }
    expectRequestsOnce(play.saga, result)
    let differences = differences(result, expected)
    #expect(
      differences.isEmpty,
      """
      \(play.saga), \(play.title), \(result.happened), \(result.decisions), \(FaultBudget.again)
      \(differences)
      """, sourceLocation: sourceLocation)
    return result
  }

  private func differences(_ result: SagaPlay.Result, _ expected: Trace) -> String {
    var (trace, expected) = (result.trace, expected)
    if result.decisions.contains(where: { $0.request == nil }) {
      trace.variables = trace.variables.map { $0.filter { !Self.lostWithTasks.contains($0) } }
      expected.variables = expected.variables.map { $0.filter { !Self.lostWithTasks.contains($0) } }
    }
    // The last decision about a request tells how often it must have come.
    var found = ""
    let decided = result.decisions.compactMap { decision in decision.request.map { ($0, decision) } }
    for (request, last) in Dictionary(decided, uniquingKeysWith: { $1 }) {
      let count = trace.posts.filter { $0 == request }.count
      if count != last.timesInTheEnd { found += "\(request) came \(count) times, decided was: \(last)\n" }
      trace.posts.removeAll { $0 == request }
      expected.posts.removeAll { $0 == request }
    }
    let isLeft = decided.contains { $0.1.choice == .skipStep }
    return found + (isLeft ? trace.excess(over: expected) : trace.differences(from: expected))
  }

  /// A request that must not be repeated comes once, and once more for each time that a person wants it so; others once in the
  /// life of each server, once more where a script goes on that was left at a request, and where it was sent twice.
  private func expectRequestsOnce(_ saga: Saga, _ result: SagaPlay.Result) {
    for (request, count) in Dictionary(grouping: result.requests, by: { $0 }).mapValues(\.count) {
      let decisions = result.decisions.filter { $0.choice == .retryStep && $0.request != nil }
      let limit =
        Trace.mayBeRepeated(request)
        ? result.servers + decisions.count + result.happened.filter { $0.fault == .twice }.count
        : 1 + decisions.filter { $0.request == request }.count
      #expect(
        count <= limit * saga.requests.count,
        "\(request) came \(count) times: \(saga), \(result.happened), \(result.decisions), \(FaultBudget.again)")
    }
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
    if fault == .twice { return .none }
    switch (point.kind, point.moment) {
    case (.commit, _): return .none
    case (.look, _): return point.name.hasPrefix("fill ") ? .failure : .none
    case (.effect, _) where point.name.hasPrefix("request "): return .failure
    case (.effect, .before) where point.name.hasPrefix("end hook"): return .none
    case (.effect, .before) where point.name.hasPrefix("hook") || point.name.hasPrefix("task"): return .failure
    case (.effect, .before): return fault == .failed || fault == .invalid ? .failure : .none
    case (.effect, .after): return point.name.hasPrefix("task") ? .failure : .none
    case (.end, _): return fault == .undecided ? .decision : .failure
    }
  }

  /// No run does anything twice.
  private func expectOnce(_ saga: Saga, _ result: SagaPlay.Result) {
    expectRequestsOnce(saga, result)
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
