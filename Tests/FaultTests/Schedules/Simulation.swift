import Concurrency
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store

@testable import Engine

/// A run's state machine with a world around it in which nothing comes when it should: answers come late, twice and out of
/// order, hints get lost, requests are carried out late, actions are done twice, and now and then the server ends and another
/// one goes on from the journal. One seed makes one course of events.
struct Simulation {
  /// Something that is going to happen at an instant.
  enum Pending {
    case tell(RunStateMachine.Event)
    /// The action, done a second time by the server that did it before.
    case again(RunStateMachine.Action, life: Int)
    /// A request reaches the cluster; its answer is told later, unless the server that sent it is gone by then.
    case change(RunStateMachine.ChangeOrder, life: Int)
    /// The cluster goes on with what it was asked for.
    case progress(String)
    case removalEnds(deployment: String)
    case hookEnds(HookKey)
    /// The server that waits for a hook looks whether it has ended.
    case report(application: String, token: Int, HookKey, life: Int)
    case task(application: String, token: Int, TaskJob, life: Int)
    case call(application: String, token: Int, RunStateMachine.CallOrder, life: Int)
    /// A script gets the answer to a call.
    case hear(application: String, token: Int, call: Int, HostAnswer, life: Int)
    /// A person looks at the step that the run is blocked at.
    case decide
    case cancel
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
  let programs: [String: SimulatedScript]
  /// What scripts leave on the cluster, beside the stack's applications.
  let scripted: Set<String>
  var machine: RunStateMachine
  var journal: [JournalRecord] = []
  var apps: [String: App]
  var owners: [String: OwnershipRecord]
  /// How often each change was carried out: `create /a`.
  var effects: [String: Int] = [:]
  /// How often the answer to a repeated request was told instead of that to the first, by the application.
  var toldOfRepetition: [String: Int] = [:]
  var hooks: [HookKey: HookState] = [:]
  var hookRuns: [String: Int] = [:]
  var tasks: [String: Int] = [:]
  /// Those that this server runs, by the application.
  var scripts: [String: RunningScript] = [:]
  /// All that were begun: `life application token`.
  var begun: Set<String> = []
  var documents: [String: DocumentRecord] = [:]
  /// How often each document was written.
  var documentWrites: [String: Int] = [:]
  /// `http.put http://h:1/count`, as often as it was sent.
  var requests: [String] = []
  /// What went wrong, or came to nothing.
  var faults = 0
  /// What was done twice.
  var repeated: Set<String> = []
  /// Answers that came more than once.
  var cameTwice: Set<String> = []
  var isCancelled = false
  var flaw: Flaw?
  /// Those under way, with the application of each.
  var deployments: [String: String] = [:]
  var pending: [(at: Timestamp, what: Pending)] = []
  var now = Timestamp(millisecondsSinceEpoch: 1_000_000_000)
  var random: SeededGenerator
  var versions = 0
  var life = 1
  var isDeciding = false
  private var told: Set<String> = []
  private let endsServers: Bool

  /// - Parameters:
  ///   - endsServers: whether servers end in the middle.
  ///   - scripted: what scripts leave on the cluster.
  init(
    _ stack: Stack, seed: UInt64, endsServers: Bool, apps: [String: App] = [:],
    owners: [String: OwnershipRecord] = [:], kind: RunRecord.Kind = .deploy,
    existing: RunRequest.Existing = .converge, prune: Bool = false, programs: [String: SimulatedScript] = [:],
    scripted: Set<String> = []
  ) {
    plan = RunPlan(
      kind: kind, revision: 1, stack: stack, zone: "", user: "u", skipped: [], arbitraryVariables: [:],
      globalVariables: [:], maxWait: .seconds(3_000), lockWait: .seconds(300), existing: existing, healthy: .all,
      prune: prune)
    machine = Self.machine(plan, now)
    random = SeededGenerator(seed: seed)
    self.endsServers = endsServers
    self.apps = apps
    self.owners = owners
    self.programs = programs
    self.scripted = scripted
  }

  private static func machine(_ plan: RunPlan, _ now: Timestamp) -> RunStateMachine {
    RunStateMachine(id: RunID(1), plan: plan, createdAt: now, options: EngineOptions(), runnerTypes: ["kafka"])
  }

  // MARK: Running

  /// - Parameter cancelledWithin: somebody cancels the run within so many milliseconds.
  mutating func run(cancelledWithin: Int? = nil) throws {
    do {
      try play(cancelledWithin)
    } catch let flaw as Flaw {
      let story = journal.map { "\($0.at) \($0.path) \($0.kind) \($0.body.text.prefix(200))" }
      throw Flaw(description: "\(flaw)\n\(story.joined(separator: "\n"))")
    }
  }

  private mutating func play(_ cancelledWithin: Int?) throws {
    later(.tell(.begin), within: 0)
    if let cancelledWithin { later(.cancel, within: cancelledWithin) }
    for step in 0..<50_000 {
      if let flaw { throw flaw }
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

  var waits: String {
    machine.status.applications.map { "\($0.id) \($0.state) \($0.sentence)" }.joined(separator: "; ")
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  mutating func later(_ what: Pending, within milliseconds: Int) {
    pending.append((now + .milliseconds(Int.random(in: 0...milliseconds, using: &random)), what))
  }

  /// An answer: soon, sometimes much later, sometimes twice.
  mutating func answer(_ event: RunStateMachine.Event) {
    later(.tell(event), within: chance(6) ? 20_000 : 200)
    if chance(4) {
      faults += 1
      later(.tell(event), within: 60_000)
    }
  }

  /// Something that nobody waits for: it may get lost, or come twice.
  mutating func hint(_ event: ClusterEvent) {
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
    case .again(let action, let doer):
      if doer == life { perform(action) }
    case .change(let order, let sender): arrive(order, sender)
    case .progress(let id):
      guard let deployment = apps[id]?.deployment else { break }
      apps[id]?.deployment = nil
      apps[id]?.isHealthy = true
      deployments[deployment] = nil
      hint(.changed(applications: [id]))
      hint(.deploymentEnded(id: deployment, succeeded: true, reason: nil, applications: [id]))
    case .removalEnds(let deployment): deployments[deployment] = nil
    case .hookEnds(let key):
      guard hooks[key] == .running else { break }
      hooks[key] = .finished(HookResult(status: .exited(0), outputTail: "ok"))
    case .report(let application, let token, let key, let waiter):
      if waiter == life { report(application, token, key) }
    case .task(let application, let token, let job, let runner):
      if runner == life { runTask(application, token, job) }
    case .call(let application, let token, let order, let caller):
      if caller == life { performCall(application, token, order) }
    case .hear(let application, let token, let call, let given, let speaker):
      if speaker == life { hear(application, token, call, given) }
    case .decide: decide()
    // A person may say it twice.
    case .cancel:
      isCancelled = true
      handle(.cancel(by: "someone"))
      if chance(2) { handle(.cancel(by: "someone")) }
    }
  }

  mutating func handle(_ event: RunStateMachine.Event) {
    noteRepetition(event)
    let actions = machine.handle(event, at: now)
    var writes: [DocumentWrite] = []
    for action in actions {
      switch action {
      case .append(let entry):
        machine.sequence += 1
        journal.append(entry.record(sequence: machine.sequence, at: now))
      case .write(let write): writes.append(write)
      default: break
      }
    }
    for write in writes { apply(write) }
    for action in actions {
      perform(action)
      guard mayBeRepeated(action), chance(6) else { continue }
      faults += 1
      repeated.insert(Self.name(action))
      later(.again(action, life: life), within: chance(2) ? 50 : 3_000)
    }
    if machine.state == .blocked, !isDeciding {
      isDeciding = true
      later(.decide, within: 3_000)
    }
  }

  /// Of which kinds answers came more than once, for whoever wants to know that all did.
  private mutating func noteRepetition(_ event: RunStateMachine.Event) {
    let (kind, text): (String, String)
    switch event {
    case .observed(let id, let token, _): (kind, text) = ("observed", "\(id) \(token)")
    case .changed(let id, let token, _): (kind, text) = ("changed", "\(id) \(token)")
    case .disowned(let id, let token, _): (kind, text) = ("disowned", "\(id) \(token)")
    case .hook(let id, let token, _): (kind, text) = ("hook", "\(id) \(token)")
    case .called(let id, let token, let call, _): (kind, text) = ("called", "\(id) \(token) \(call.number)")
    case .performed(let id, let token, let call, _): (kind, text) = ("performed", "\(id) \(token) \(call)")
    case .scriptEnded(let id, let token, _): (kind, text) = ("scriptEnded", "\(id) \(token)")
    case .filled(let id, let token, _): (kind, text) = ("filled", "\(id) \(token)")
    case .taskEnded(let id, let token, _): (kind, text) = ("taskEnded", "\(id) \(token)")
    default: return
    }
    if !told.insert("\(life) \(kind) \(text)").inserted { cameTwice.insert(kind) }
  }

  /// Goes on after an earlier run: no version comes a second time, and what happened to it counts as well.
  mutating func follow(_ former: Simulation) {
    versions = former.versions
    faults += former.faults
    repeated.formUnion(former.repeated)
    cameTwice.formUnion(former.cameTwice)
  }

  // MARK: Servers

  /// The server is gone: what it was told is lost, its requests are still on their way, hooks go on.
  private mutating func endServer() throws {
    faults += 1
    life += 1
    pending.removeAll { if case .tell = $0.what { true } else { false } }
    scripts = [:]
    now = now + .milliseconds(Int.random(in: 0...5_000, using: &random))
    machine = try replayed()
    later(.tell(.begin), within: 10)
    if chance(2) { later(.tell(.hint(.connected)), within: 10) }
  }

  func replayed() throws -> RunStateMachine {
    var machine = Self.machine(plan, self.machine.createdAt)
    for record in journal { machine.replay(try JournalEntry(record), sequence: record.sequence, at: record.at) }
    return machine
  }
}
