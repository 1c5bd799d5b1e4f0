import Concurrency
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store

@testable import Engine

/// A run's state machine with a world around it in which nothing comes when it should: answers come late, twice and out of
/// order, hints get lost, requests are carried out late and repeated, and now and then the server ends and another one
/// goes on from the journal. One seed makes one course of events.
struct Simulation {
  /// Something that is going to happen at an instant.
  enum Pending {
    case tell(RunStateMachine.Event)
    /// A request reaches the cluster; its answer is told later, unless the server that sent it is gone by then.
    case change(RunStateMachine.ChangeOrder, life: Int)
    /// The cluster goes on with what it was asked for.
    case progress(String)
    case hookEnds(HookKey)
    case removalEnds(deployment: String)
  }

  struct App {
    var definition: JSON
    var version: String
    var deployment: String?
    var isHealthy = false
  }

  struct Flaw: Error, CustomStringConvertible {
    let description: String
  }

  let plan: RunPlan
  private(set) var machine: RunStateMachine
  private(set) var journal: [JournalRecord] = []
  private(set) var apps: [String: App]
  private(set) var owners: [String: OwnershipRecord]
  /// How often each change was carried out: `create /a`.
  private(set) var effects: [String: Int] = [:]
  private(set) var hooks: [HookKey: HookState] = [:]
  private(set) var hookRuns: [String: Int] = [:]
  private(set) var faults = 0
  /// Those under way, with the application of each.
  private var deployments: [String: String] = [:]
  private var pending: [(at: Timestamp, what: Pending)] = []
  private var now = Timestamp(millisecondsSinceEpoch: 1_000_000_000)
  private var random: SeededGenerator
  private var versions = 0
  private var life = 1
  private let endsServers: Bool

  /// - Parameter endsServers: whether servers end in the middle.
  init(
    _ stack: Stack, seed: UInt64, endsServers: Bool, apps: [String: App] = [:],
    owners: [String: OwnershipRecord] = [:], kind: RunRecord.Kind = .deploy
  ) {
    plan = RunPlan(
      kind: kind, revision: 1, stack: stack, zone: "", user: "u", skipped: [], arbitraryVariables: [:],
      globalVariables: [:], maxWait: .seconds(3_000), lockWait: .seconds(300), existing: .converge, healthy: .all,
      prune: false)
    machine = Self.machine(plan, now)
    random = SeededGenerator(seed: seed)
    self.endsServers = endsServers
    self.apps = apps
    self.owners = owners
  }

  private static func machine(_ plan: RunPlan, _ now: Timestamp) -> RunStateMachine {
    RunStateMachine(id: RunID(1), plan: plan, createdAt: now, options: EngineOptions(), runnerTypes: [])
  }

  // MARK: Running

  mutating func run() throws {
    later(.tell(.begin), within: 0)
    for step in 0..<50_000 {
      if machine.phase == .over { return try check() }
      guard let next = pending.indices.min(by: { pending[$0].at < pending[$1].at }) else {
        throw Flaw(description: "nothing is to come any more, and the run is \(machine.state): \(waits)")
      }
      now = max(now, pending[next].at)
      // Whatever is due happens in any order.
      let due = pending.indices.filter { pending[$0].at <= now }
      let chosen = due[Int.random(in: 0..<due.count, using: &random)]
      let what = pending.remove(at: chosen).what
      perform(what)
      if endsServers, chance(60) { try endServer() }
      if step % 8 == 0 { try compareWithJournal() }
    }
    throw Flaw(description: "no end: \(machine.state), \(waits)")
  }

  private var waits: String {
    machine.status.applications.map { "\($0.id) \($0.state) \($0.sentence)" }.joined(separator: "; ")
  }

  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  private mutating func later(_ what: Pending, within milliseconds: Int) {
    pending.append((now + .milliseconds(Int.random(in: 0...milliseconds, using: &random)), what))
  }

  /// An answer: soon, sometimes much later, sometimes twice.
  private mutating func answer(_ event: RunStateMachine.Event) {
    later(.tell(event), within: chance(6) ? 20_000 : 200)
    if chance(4) {
      faults += 1
      later(.tell(event), within: 60_000)
    }
  }

  /// Something that nobody waits for: it may get lost, or come twice.
  private mutating func hint(_ event: ClusterEvent) {
    if chance(4) {
      faults += 1
      return
    }
    later(.tell(.hint(event)), within: chance(5) ? 10_000 : 50)
    if chance(3) {
      faults += 1
      later(.tell(.hint(event)), within: 5_000)
    }
  }

  private mutating func perform(_ what: Pending) {
    switch what {
    case .tell(let event): handle(event)
    case .change(let order, let sender):
      let result = carryOut(order)
      if sender == life { answer(.changed(application: order.application, token: order.token, result)) }
    case .progress(let id):
      guard let deployment = apps[id]?.deployment else { break }
      apps[id]?.deployment = nil
      apps[id]?.isHealthy = true
      deployments[deployment] = nil
      hint(.changed(applications: [id]))
      hint(.deploymentEnded(id: deployment, succeeded: true, reason: nil, applications: [id]))
    case .hookEnds(let key):
      guard hooks[key] == .running else { break }
      hooks[key] = .finished(HookResult(status: .exited(0), outputTail: "ok"))
    case .removalEnds(let deployment): deployments[deployment] = nil
    }
  }

  private mutating func handle(_ event: RunStateMachine.Event) {
    let actions = machine.handle(event, at: now)
    for action in actions {
      guard case .append(let entry) = action else { continue }
      machine.sequence += 1
      journal.append(entry.record(sequence: machine.sequence, at: now))
    }
    for action in actions { perform(action) }
  }

  // MARK: Actions

  private mutating func perform(_ action: RunStateMachine.Action) {
    switch action {
    case .append, .write, .note, .finish, .halt, .cancelHook, .fill, .runTask, .fetchLog, .runScript, .performCall,
      .answerCall,
      .cancelScript:
      break
    case .requestLock: answer(.lockAcquired)
    case .readCluster:
      if chance(3) {
        faults += 1
        answer(.clusterInfo(.failure(ClusterError(.unavailable, "injected"))))
      } else {
        answer(.clusterInfo(.success(ClusterInfo(id: "c", version: "1", mesosMaster: nil))))
      }
    case .readOwnership: answer(.owned(.success(owners.values.sorted { $0.application < $1.application })))
    case .observe(let order): observe(order)
    case .change(let order):
      if order.isSettled {
        note(order)
        answer(
          .changed(
            application: order.application, token: order.token,
            .success(ClusterChange(deployment: nil, version: order.versionNow))))
      } else {
        claim(order)
        // On its way, for less than the time that settling waits.
        later(.change(order, life: life), within: chance(4) ? 2_900 : 100)
      }
    case .disown(let application, let clusterID, let token):
      owners[clusterID] = nil
      answer(.disowned(application: application, token: token, .success(())))
    case .findHook(let application, let token, let key):
      report(application, token, key)
    case .startHook(let application, let token, let job):
      if hooks[job.key] == nil {
        hooks[job.key] = .running
        hookRuns[job.title, default: 0] += 1
        later(.hookEnds(job.key), within: 3_000)
      } else {
        faults += 1
      }
      report(application, token, job.key)
      // The action, repeated.
      if chance(5) {
        faults += 1
        report(application, token, job.key)
      }
    case .wake(let instant): pending.append((instant, .tell(.woke)))
    }
  }

  /// Tells the hook's end, once it has come; looks as often as needed.
  private mutating func report(_ application: String, _ token: Int, _ key: HookKey) {
    switch hooks[key] {
    case nil: answer(.hook(application: application, token: token, .absent))
    case .finished(let result)?: answer(.hook(application: application, token: token, .ended(result)))
    default:
      // Its end is known by then.
      let end = HookResult(status: .exited(0), outputTail: "ok")
      pending.append((now + .milliseconds(3_001), .tell(.hook(application: application, token: token, .ended(end)))))
    }
  }

  private mutating func observe(_ order: RunStateMachine.ObservationOrder) {
    if chance(5) {
      faults += 1
      let code =
        [ClusterError.Code.unavailable, .unintelligible, .undecided].randomElement(using: &random) ?? .undecided
      answer(
        .observed(
          application: order.application, token: order.token, .failure(ClusterError(code, "injected"))))
      return
    }
    var seen = RunStateMachine.Observation()
    seen.live = live(order.clusterID)
    if order.wantsOwner { seen.owner = owners[order.clusterID] }
    if order.wantsDeployments {
      seen.deployments = Set(deployments.map { ClusterDeployment(id: $0.key, applications: [$0.value]) })
    }
    answer(.observed(application: order.application, token: order.token, .success(seen)))
  }

  private func live(_ id: String) -> LiveApplication? {
    guard let app = apps[id] else { return nil }
    var definition = app.definition.objectValue ?? [:]
    definition["id"] = .string(id)
    return LiveApplication(
      id: id, version: app.version, definition: .object(definition), instances: 1,
      tasksRunning: app.isHealthy ? 1 : 0, deployments: app.deployment.map { [$0] } ?? [],
      tasks: app.isHealthy ? [LiveTask(id: "\(id).1", host: "h", ports: [1], state: "TASK_RUNNING")] : [])
  }

  private mutating func claim(_ order: RunStateMachine.ChangeOrder) {
    guard order.owner != nil, owners[order.clusterID] == nil else { return }
    put(order, .null)
  }

  private mutating func note(_ order: RunStateMachine.ChangeOrder) {
    if let claim = order.owner { put(order, claim.definition) }
  }

  private mutating func put(_ order: RunStateMachine.ChangeOrder, _ definition: JSON) {
    owners[order.clusterID] = OwnershipRecord(
      application: order.clusterID, stack: "s", zone: "", revision: 1, run: RunID(1), versionBefore: nil,
      definition: definition, dependencies: order.owner?.dependencies ?? [], at: now,
      version: (owners[order.clusterID]?.version ?? 0) + 1)
  }

  /// What the cluster makes of a request; sometimes the answer says nothing of it.
  private mutating func carryOut(_ order: RunStateMachine.ChangeOrder) -> Result<ClusterChange, ClusterError> {
    if chance(8) {
      faults += 1
      return .failure(ClusterError(.undecided, "injected: it never arrived"))
    }
    if chance(8) {
      faults += 1
      return .failure(ClusterError(.unavailable, "injected: it was refused"))
    }
    let id = order.clusterID
    let result: ClusterChange
    switch order.change.kind {
    case .create, .adopt:
      guard apps[id] == nil else { return .failure(ClusterError(.exists, "it exists")) }
      result = deploy(id, order.change.definition)
    case .update, .restart:
      guard let app = apps[id] else { return .failure(ClusterError(.notFound, "it is gone")) }
      if let deployment = app.deployment {
        return .failure(ClusterError(.locked(deployments: [deployment]), "it is locked"))
      }
      result = deploy(id, order.change.kind == .restart ? app.definition : order.change.definition)
    case .destroy:
      guard apps.removeValue(forKey: id) != nil else { return .failure(ClusterError(.notFound, "it is gone")) }
      let deployment = nextVersion("d")
      deployments[deployment] = id
      later(.removalEnds(deployment: deployment), within: 4_000)
      result = ClusterChange(deployment: deployment, version: nil)
    }
    effects["\(order.change.kind.rawValue) \(id)", default: 0] += 1
    if chance(5) {
      faults += 1
      let code = [ClusterError.Code.undecided, .unintelligible].randomElement(using: &random) ?? .undecided
      return .failure(ClusterError(code, "injected: the answer got lost"))
    }
    note(order)
    return .success(result)
  }

  private mutating func deploy(_ id: String, _ definition: JSON) -> ClusterChange {
    let deployment = nextVersion("d")
    let version = nextVersion("v")
    apps[id] = App(definition: definition, version: version, deployment: deployment)
    deployments[deployment] = id
    later(.progress(id), within: 8_000)
    hint(.changed(applications: [id]))
    return ClusterChange(deployment: deployment, version: version)
  }

  private mutating func nextVersion(_ prefix: String) -> String {
    versions += 1
    return "\(prefix)\(versions)"
  }

  // MARK: Servers

  /// The server is gone: what it was told is lost, its requests are still on their way, hooks go on.
  private mutating func endServer() throws {
    faults += 1
    life += 1
    pending.removeAll { if case .tell = $0.what { true } else { false } }
    now = now + .milliseconds(Int.random(in: 0...5_000, using: &random))
    machine = try replayed()
    later(.tell(.begin), within: 10)
    if chance(2) { later(.tell(.hint(.connected)), within: 10) }
  }

  private func replayed() throws -> RunStateMachine {
    var machine = Self.machine(plan, self.machine.createdAt)
    for record in journal { machine.replay(try JournalEntry(record), sequence: record.sequence, at: record.at) }
    return machine
  }

  // MARK: What must hold

  /// What the machine knows for good is what the journal says.
  private func compareWithJournal() throws {
    let replayed = try replayed()
    func durable(_ machine: RunStateMachine) -> [String] {
      ["\(machine.state) \(String(describing: machine.failure)) \(machine.variables.map { "\($0.key)=\($0.value)" })"]
        + machine.walks.map {
          "\($0.id) \($0.state) \($0.position) \($0.attempt) \($0.stage) \(String(describing: $0.until)) \($0.hookKeys) "
            + "\(String(describing: $0.change)) \(String(describing: $0.deployment)) \(String(describing: $0.failure))"
        }
    }
    let (now, then) = (durable(machine), durable(replayed))
    if now != then {
      let wrong = zip(now, then).filter { $0.0 != $0.1 }.map { "\($0.0)\n  replayed: \($0.1)" }
      throw Flaw(description: "the machine knows what its journal does not say:\n\(wrong.joined(separator: "\n"))")
    }
  }

  private func check() throws {
    try compareWithJournal()
    guard machine.state == .succeeded else {
      throw Flaw(description: "the run is \(machine.state): \(String(describing: machine.failure)); \(waits)")
    }
    for (name, count) in effects where count > 1 { throw Flaw(description: "\(name) happened \(count) times") }
    for (name, count) in hookRuns where count > 1 { throw Flaw(description: "hook \(name) ran \(count) times") }
    let wanted = plan.kind == .down ? [] : plan.stack.applications.values.map { "/\($0.id)" }
    guard Set(apps.keys) == Set(wanted) else { throw Flaw(description: "deployed: \(apps.keys.sorted())") }
    guard Set(owners.keys) == Set(wanted) else { throw Flaw(description: "owned: \(owners.keys.sorted())") }
    for (id, app) in apps where !app.isHealthy { throw Flaw(description: "\(id) is not healthy") }
    for (id, owner) in owners where owner.definition != apps[id]?.definition {
      throw Flaw(description: "the owner's definition of \(id) is \(owner.definition.text)")
    }
    if plan.kind == .down, !deployments.isEmpty {
      throw Flaw(description: "removals go on: \(deployments.keys.sorted())")
    }
  }
}
