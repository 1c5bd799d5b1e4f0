import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// All decisions of a run: takes an event, returns what is to be done. It has no clock (every event brings the time), does
/// no I/O and takes no lock.
///
/// Its durable state is the fold of the journal's entries: a decision that must outlive the server is made by `record`, which
/// applies the entry and asks for it to be appended. After a restart the same entries are replayed, and what was under way
/// then (`ApplicationWalk.activity`) is idle: an intent without an outcome is in doubt and is settled by asking.
struct RunStateMachine: Sendable {
  /// Where the run as a whole stands.
  enum Phase: Sendable, Hashable {
    /// Waits for the stack and zone to be free.
    case queued
    /// Looks which cluster it works on.
    case meetingCluster
    /// Looks what there is to be removed.
    case listingRemovals
    case walking
    /// Nothing new begins; what is under way gets its outcome.
    case ending
    case over
  }

  let id: RunID
  let plan: RunPlan
  let options: EngineOptions
  /// Types that have a task runner.
  let runnerTypes: Set<String>
  /// What the run's scripts and hooks may do; a stack whose grants cannot be read grants nothing.
  let grants: ScriptGrants
  let declaredDefaults: OrderedMap<String>

  // What the journal says.
  var isAccepted = false
  var state = RunRecord.State.queued
  var failure: RunFailure?
  /// The first failure of an application, or of the run: what the run is going to report.
  var firstFailure: RunFailure?
  var cancelledBy: String?
  var createdAt: Timestamp
  var startedAt: Timestamp?
  var endedAt: Timestamp?
  /// When a person had the run go on after it had failed.
  var reopenedAt: Timestamp?
  var cluster: JournalEntry.ClusterFact?
  /// Whether it has been decided what is to be removed.
  var knowsRemovals = false
  private(set) var variables: OrderedMap<String> = [:]
  var walks = Walks()
  var places: [String: Int] = [:]
  /// CPU time that scripts have used for being run again up to where they were.
  var replayed = Duration.zero
  /// Places by the id on the cluster, of which a hint tells.
  var clusterPlaces: [String: [Int]] = [:]
  /// Places of those that wait for an application, by its id.
  var dependents: [String: [Int]] = [:]
  var sequence: Int64 = 0

  // What this server knows beside.
  var phase = Phase.queued
  var isStopping = false
  var isStreaming = false
  var waiting: WaitingReason?
  var runDue: Timestamp?
  /// When the run fails if the cluster has not answered its questions as a whole.
  var runUntil: Timestamp?
  var runTries = 0
  var endingDue: Timestamp?
  /// A failed run waited long enough for the hooks of its other applications.
  var isForcingHooks = false
  var armedWake: Timestamp?
  /// What rests is to be looked through: its wake has come, or the clock was set.
  private var mustLookThroughRests = false
  /// Since `publish` took them.
  private var changedVariables: [String] = []
  var actions: [Action] = []

  init(id: RunID, plan: RunPlan, createdAt: Timestamp, options: EngineOptions, runnerTypes: Set<String>) {
    self.id = id
    self.plan = plan
    self.createdAt = createdAt
    self.options = options
    self.runnerTypes = runnerTypes
    grants = ScriptGrants(server: options.grants, stack: plan.stack.grants, isRegular: plan.role == .regular)
    declaredDefaults = plan.stack.declaredDefaults
    guard plan.kind == .deploy else { return }
    guard plan.stack.run == nil else {
      add(
        ApplicationWalk(
          id: plan.stack.name, clusterID: "", operation: .run, template: nil, dependencies: [], steps: [.run]))
      return
    }
    for application in plan.stack.applications.values {
      add(
        ApplicationWalk(
          id: application.id, clusterID: clusterID(of: application.id), operation: .deploy, template: application,
          dependencies: application.dependencies,
          steps: Step.deployment(of: application, hasRunner: runnerTypes.contains(application.type))))
    }
  }

  mutating func add(_ walk: ApplicationWalk) {
    places[walk.id] = walks.count
    clusterPlaces[walk.clusterID, default: []].append(walks.count)
    for dependency in Set(walk.dependencies) { dependents[dependency, default: []].append(walks.count) }
    walks.append(walk)
  }

  /// Takes one event and returns what follows from it.
  mutating func handle(_ event: Event, at now: Timestamp) -> [Action] {
    if phase != .over { react(to: event, at: now) }
    settleWake()
    defer { actions.removeAll() }
    return actions
  }

  mutating func setVariable(_ name: String, to value: String) {
    variables[name] = value
    changedVariables.append(name)
  }

  /// Brings a copy up to date, in a time that depends on what has changed since the last call and not on the size of the
  /// run. Nobody else may use the copy's parts meanwhile, else they are copied.
  mutating func publish(to copy: inout RunStateMachine) {
    let places = walks.takeChanges()
    let names = changedVariables
    changedVariables.removeAll(keepingCapacity: true)
    // Taken out, so that they are not shared with this machine's.
    var walks = Walks()
    swap(&walks, &copy.walks)
    var variables: OrderedMap<String> = [:]
    swap(&variables, &copy.variables)
    copy = self
    walks.catchUp(with: self.walks, at: places)
    copy.walks = walks
    for name in names { variables[name] = self.variables[name] }
    copy.variables = variables
  }

  /// Decides a fact: it takes effect here at once, and outside as soon as it is durable.
  mutating func record(_ entry: JournalEntry, at now: Timestamp) {
    apply(entry, at: now)
    actions.append(.append(entry))
  }

  private mutating func react(to event: Event, at now: Timestamp) {
    switch event {
    case .begin: begin(at: now)
    case .lockAcquired: lockAcquired(at: now)
    case .lockHeld(let holder, let user, let since): lockHeld(by: holder, user: user, since: since, at: now)
    case .clusterInfo(let result): clusterInfo(result, at: now)
    case .owned(let result): owned(result, at: now)
    case .observed(let id, let token, let result):
      answer(id, token, at: now) { $0.observed($1, result, at: now) }
    case .changed(let id, let token, let result):
      answer(id, token, at: now) { $0.changed($1, result, at: now) }
    case .disowned(let id, let token, let result):
      answer(id, token, at: now) { $0.disowned($1, result, at: now) }
    case .hook(let id, let token, let report):
      answer(id, token, at: now) { $0.hookReported($1, report, at: now) }
    case .called(let id, let token, let call, let end):
      answer(id, token, at: now) { $0.called($1, call, end, at: now) }
    case .performed(let id, let token, let call, let result):
      answer(id, token, at: now) { $0.performed($1, call, result, at: now) }
    case .scriptEnded(let id, let token, let end):
      answer(id, token, at: now) { $0.scriptEnded($1, end, at: now) }
    case .filled(let id, let token, let result):
      answer(id, token, at: now) { $0.filled($1, result, at: now) }
    case .taskEnded(let id, let token, let result):
      answer(id, token, at: now) { $0.taskEnded($1, result, at: now) }
    case .log(let id, let token, let text):
      answer(id, token, at: now) { $0.logFetched($1, text, at: now) }
    case .hint(let hint): hinted(hint, at: now)
    case .woke: woke(at: now)
    case .clockSet(let change): clockSet(by: change)
    case .cancel(let user): cancel(by: user, at: now)
    case .resume(let decision, let user): resume(decision, by: user, at: now)
    case .approve(let name, let user): approved(name, by: user, at: now)
    case .journalFull(let text): fail(RunFailure(reason: text), at: now)
    case .stop:
      isStopping = true
      haltIfQuiet()
    }
  }

  /// Hands an answer to the walk that asked, unless it has asked anew since or has been told already.
  private mutating func answer(
    _ application: String, _ token: Int, at now: Timestamp, _ body: (inout RunStateMachine, Int) -> Void
  ) {
    guard let place = places[application], walks[place].token == token, walks[place].activity != .idle else { return }
    // A stopping server takes outcomes only: what was merely looked at would lead to something new.
    guard !isStopping || walks[place].activity.isEffect else { return }
    body(&self, place)
    if isStopping { haltIfQuiet() } else { finishIfQuiet(at: now) }
  }

  // MARK: Time

  /// Asks to be woken for the earliest instant that anything waits for, unless that was asked already.
  private mutating func settleWake() {
    guard phase != .over, !isStopping else { return }
    var earliest: Timestamp?
    func consider(_ instant: Timestamp?) {
      if let instant, instant < earliest ?? instant + .milliseconds(1) { earliest = instant }
    }
    consider(runDue)
    consider(endingDue)
    consider(walks.takeEarliestRest())
    if mustLookThroughRests {
      mustLookThroughRests = false
      for walk in walks {
        if case .resting(let until) = walk.activity { consider(until) }
      }
    }
    guard let earliest, earliest < armedWake ?? earliest + .milliseconds(1) else { return }
    armedWake = earliest
    actions.append(.wake(at: earliest))
  }

  private mutating func woke(at now: Timestamp) {
    // Whichever of several wishes this was: what is still to come is asked for again.
    armedWake = nil
    mustLookThroughRests = true
    guard !isStopping else { return }
    if let due = runDue, due <= now {
      runDue = nil
      continueRun(at: now)
    }
    for place in walks.indices {
      if case .resting(let until) = walks[place].activity, until <= now {
        walks[place].activity = .idle
        advance(place, at: now)
      }
    }
    if let due = endingDue, due <= now {
      endingDue = nil
      endingGraceOver(at: now)
    }
  }

  /// All that is waited for lies as far ahead as before. What the journal says of it is of the former time: after a restart
  /// a wait may end early, and begins anew where it would last too long (`shorten`).
  private mutating func clockSet(by change: Duration) {
    runDue = runDue.map { $0 + change }
    runUntil = runUntil.map { $0 + change }
    endingDue = endingDue.map { $0 + change }
    armedWake = armedWake.map { $0 + change }
    mustLookThroughRests = true
    for place in walks.indices {
      walks[place].until = walks[place].until.map { $0 + change }
      walks[place].firstRead = walks[place].firstRead.map { .init(at: $0.at + change, version: $0.version) }
      if case .resting(let until) = walks[place].activity { walks[place].activity = .resting(until: until + change) }
    }
  }

  /// No wait may last longer than it could when it began: the clock may have been set back since.
  mutating func shorten(at now: Timestamp) {
    for place in walks.indices {
      walks[place].until = walks[place].until.map { min($0, now + plan.maxWait) }
    }
  }
}
