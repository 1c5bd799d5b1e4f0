import Concurrency
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@testable import Engine

/// The decisions alone: events in, actions out, time as a number.
@Suite struct StateMachineTests {
  /// Feeds a machine and remembers what it wants done.
  struct Bench {
    var machine: RunStateMachine
    var now = Timestamp(millisecondsSinceEpoch: 0)
    var journal: [JournalEntry] = []
    var open: [RunStateMachine.Action] = []

    init(_ stack: Stack, kind: RunRecord.Kind = .deploy, _ adjust: (inout RunPlan) -> Void = { _ in }) {
      var plan = RunPlan(
        kind: kind, revision: 1, stack: stack, zone: "", user: "u", skipped: [], arbitraryVariables: [:],
        globalVariables: [:], maxWait: .seconds(600), lockWait: .seconds(300), existing: .converge, healthy: .all,
        prune: false)
      adjust(&plan)
      machine = RunStateMachine(
        id: RunID(1), plan: plan, createdAt: now, options: EngineOptions(), runnerTypes: [])
    }

    mutating func feed(_ event: RunStateMachine.Event, after wait: Duration = .zero) {
      now = now + wait
      open = []
      for action in machine.handle(event, at: now) {
        if case .append(let entry) = action { journal.append(entry) } else { open.append(action) }
      }
    }

    /// Up to the first look at the cluster for an application.
    mutating func start() {
      feed(.begin)
      feed(.lockAcquired)
      feed(.clusterInfo(.success(ClusterInfo(id: "c", version: "1", mesosMaster: nil))))
    }

    var observation: RunStateMachine.ObservationOrder? {
      for action in open { if case .observe(let order) = action { return order } }
      return nil
    }

    var change: RunStateMachine.ChangeOrder? {
      for action in open { if case .change(let order) = action { return order } }
      return nil
    }

    var wake: Timestamp? {
      for action in open { if case .wake(let instant) = action { return instant } }
      return nil
    }

    mutating func see(_ live: LiveApplication?, owner: OwnershipRecord? = nil, after wait: Duration = .zero) {
      guard let order = observation else {
        Issue.record("nothing was asked")
        return
      }
      feed(
        .observed(
          application: order.application, token: order.token,
          .success(RunStateMachine.Observation(live: live, owner: owner))), after: wait)
    }
  }

  private func live(
    _ definition: JSON = [:], version: String = "v1", running: Int = 1, instances: Int = 1, deployments: [String] = []
  ) -> LiveApplication {
    LiveApplication(
      id: "/a", version: version, definition: definition, instances: instances, tasksRunning: running,
      deployments: deployments,
      tasks: (0..<running).map { LiveTask(id: "t\($0)", host: "h", ports: [1], state: "TASK_RUNNING") })
  }

  @Test func anIntentIsJournaledBeforeTheChange() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    #expect(bench.change == nil)
    bench.see(nil)
    #expect(bench.change?.change.kind == .create)
    guard case .intent(let step, .change(let change)) = try #require(bench.journal.last) else {
      Issue.record("no intent")
      return
    }
    #expect(step == StepReference(application: "a", step: .launch, attempt: 1))
    #expect(change.versionBefore == nil)
    #expect(change.digest.count == 64)
  }

  @Test func anAnswerCountsOnce() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    let order = try #require(bench.observation)
    let answer = RunStateMachine.Event.observed(
      application: "a", token: order.token, .success(RunStateMachine.Observation()))
    bench.feed(answer)
    let change = try #require(bench.change)
    let journal = bench.journal
    bench.feed(answer)
    #expect(bench.open.isEmpty)
    #expect(bench.journal == journal)
    let done = RunStateMachine.Event.changed(
      application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1")))
    bench.feed(done)
    let after = bench.journal
    bench.feed(done)
    bench.feed(answer)
    #expect(bench.journal == after)
  }

  @Test func aRunThatIsCancelledBeforeItBeginsIsAcceptedFirst() throws {
    var bench = Bench(stack(application("a")))
    bench.feed(.cancel(by: "ann"))
    #expect(bench.open.contains { if case .finish = $0 { true } else { false } })
    bench.feed(.begin)
    guard bench.journal.count == 3, case .accepted(by: "u") = bench.journal[0],
      case .cancelRequested(by: "ann") = bench.journal[1], case .runState(.cancelled, _) = bench.journal[2]
    else {
      Issue.record("\(bench.journal)")
      return
    }
  }

  @Test func aHintIsNoMoreThanAReasonToLook() throws {
    var bench = Bench(stack(application("a")))
    bench.feed(.hint(.connected))
    bench.start()
    bench.see(nil)
    let change = try #require(bench.change)
    bench.feed(
      .changed(application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1"))))
    // Hints while the answer is on its way are taken together.
    let order = try #require(bench.observation)
    for _ in 0..<3 {
      bench.feed(.hint(.changed(applications: ["/a"])))
      #expect(bench.observation == nil)
    }
    bench.feed(
      .observed(
        application: "a", token: order.token,
        .success(RunStateMachine.Observation(live: live(running: 0, deployments: ["d"])))))
    #expect(bench.observation != nil)
    bench.see(live(running: 0, deployments: ["d"]))
    #expect(bench.observation == nil)
    #expect(bench.machine.status.applications[0].state == .running)
    // The event that tells of the end of the deployment starts a look, not the next step.
    bench.feed(.hint(.deploymentEnded(id: "d", succeeded: true, reason: nil, applications: ["/a"])))
    bench.see(live())
    #expect(bench.machine.status.state == .succeeded)
    #expect(bench.open.contains(.finish(hooks: [])))
  }

  @Test func pollingSlowsDownWithoutAStream() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    bench.see(nil)
    let change = try #require(bench.change)
    bench.feed(
      .changed(application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1"))))
    var pauses: [Int64] = []
    for _ in 0..<7 {
      bench.see(live(running: 0, deployments: ["d"]))
      let wake = try #require(bench.wake)
      pauses.append((wake - bench.now).wholeMilliseconds)
      bench.feed(.woke, after: wake - bench.now)
    }
    #expect(pauses == [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  }

  @Test(arguments: [Duration.seconds(3_600), .seconds(-3_600)])
  func settingTheClockMovesNoWait(_ change: Duration) throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    bench.see(nil)
    let order = try #require(bench.change)
    bench.feed(.changed(application: "a", token: order.token, .success(.init(deployment: "d", version: "v1"))))
    bench.see(live(running: 0, deployments: ["d"]))
    let wake = try #require(bench.wake)
    let pause = wake - bench.now
    // No time passes; then as much as was to be waited.
    bench.feed(.clockSet(by: change), after: change)
    #expect(bench.observation == nil)
    bench.feed(.woke, after: pause)
    #expect(bench.observation != nil)
    // The step ends when it would have ended.
    #expect(bench.machine.walks[0].until == Timestamp(millisecondsSinceEpoch: 0) + change + .seconds(600))
  }

  @Test func theDeadlinePassesOnlyAfterALook() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    bench.see(nil)
    let change = try #require(bench.change)
    bench.feed(
      .changed(application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1"))))
    bench.see(live(running: 0, deployments: ["d"]))
    // The server was away for a day; its successor asks first, and finds that all is well.
    var later = Bench(stack(application("a")))
    later.now = Timestamp(millisecondsSinceEpoch: 86_400_000)
    for (index, entry) in bench.journal.enumerated() {
      later.machine.replay(entry, sequence: Int64(index + 1), at: bench.now)
    }
    later.start()
    #expect(later.machine.status.state == .running)
    var sick = later
    later.see(live())
    #expect(later.machine.status.state == .succeeded)
    sick.see(live(running: 0, deployments: ["d"]))
    #expect(sick.open.contains { if case .finish = $0 { true } else { false } } || sick.machine.phase == .ending)
  }

  @Test func aLostOutcomeIsSettledByTwoReadsThatAgree() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    bench.see(nil)
    var next = Bench(stack(application("a")))
    for (index, entry) in bench.journal.enumerated() {
      next.machine.replay(entry, sequence: Int64(index + 1), at: bench.now)
    }
    next.start()
    #expect(next.change == nil)
    next.see(nil)
    #expect(next.change == nil)
    let wake = try #require(next.wake)
    #expect(wake - next.now == .seconds(3))
    // A hint does not shorten the distance between the reads.
    next.feed(.hint(.changed(applications: ["/a"])))
    #expect(next.observation == nil)
    next.feed(.woke, after: .seconds(3))
    next.see(nil)
    // It did not happen: look, decide and do it anew.
    next.see(nil)
    #expect(next.change?.change.kind == .create)
    guard case .intent(let step, _) = try #require(next.journal.last) else {
      Issue.record("no intent")
      return
    }
    #expect(step.attempt == 2)
  }

  @Test func aLostOutcomeThatHappenedIsTaken() throws {
    var bench = Bench(stack(application("a")))
    bench.start()
    bench.see(nil)
    let definition = try #require(bench.change?.change.definition)
    var next = Bench(stack(application("a")))
    for (index, entry) in bench.journal.enumerated() {
      next.machine.replay(entry, sequence: Int64(index + 1), at: bench.now)
    }
    next.start()
    next.see(live(definition))
    // Only the ownership is noted.
    let order = try #require(next.change)
    #expect(order.isSettled)
    next.feed(.changed(application: "a", token: order.token, .success(ClusterChange(deployment: nil, version: "v1"))))
    next.see(live(definition))
    #expect(next.machine.status.state == .succeeded)
    #expect(next.machine.status.applications[0].change == .created)
  }

  @Test func replayGivesTheSameState() throws {
    var bench = Bench(stack(application("a"), application("b", after: ["a"])))
    bench.start()
    bench.see(nil)
    let change = try #require(bench.change)
    bench.feed(
      .changed(application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1"))))
    bench.see(live())
    var copy = Bench(stack(application("a"), application("b", after: ["a"])))
    for (index, entry) in bench.journal.enumerated() {
      // Through its written form, as after a restart.
      let record = entry.record(sequence: Int64(index + 1), at: bench.now)
      copy.machine.replay(try JournalEntry(record), sequence: record.sequence, at: record.at)
    }
    #expect(copy.machine.variables == bench.machine.variables)
    let (one, other) = (bench.machine.status, copy.machine.status)
    #expect(other.state == one.state)
    #expect(other.applications.map(\.state) == one.applications.map(\.state))
    #expect(other.applications.map(\.step) == one.applications.map(\.step))
    #expect(other.applications.map(\.change) == one.applications.map(\.change))
    #expect(other.applications.map(\.endpoint) == one.applications.map(\.endpoint))
  }

  @Test func everythingUnderWayKeepsAStoppingServer() throws {
    var bench = Bench(stack(application("a"), application("b")))
    bench.start()
    let orders = bench.open.compactMap { action in if case .observe(let order) = action { order } else { nil } }
    #expect(orders.count == 2)
    bench.feed(.observed(application: "a", token: orders[0].token, .success(RunStateMachine.Observation())))
    let change = try #require(bench.change)
    bench.feed(.stop)
    #expect(!bench.open.contains(.halt))
    // What was only asked leads to nothing new.
    bench.feed(.observed(application: "b", token: orders[1].token, .success(RunStateMachine.Observation())))
    #expect(bench.change == nil)
    bench.feed(
      .changed(application: "a", token: change.token, .success(ClusterChange(deployment: "d", version: "v1"))))
    #expect(bench.open == [.halt])
    guard case .outcome(_, .succeeded) = try #require(bench.journal.last) else {
      Issue.record("the outcome was not journaled")
      return
    }
  }
}
