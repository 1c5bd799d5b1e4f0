import Concurrency
import JSON
import StackModel
import Store
import Telemetry

/// What all runs of an engine share.
struct EngineEnvironment: Sendable {
  let store: any Store
  let epoch: Epoch
  let gateway: ClusterGateway
  let hooks: any HookExecutor
  let scripts: any ScriptExecutor
  let services: any ScriptServices
  let runners: [String: any TaskRunner]
  let time: any TimeSource
  let options: EngineOptions
  let workers: WorkerPlaces
  let documents: DocumentLedger
  let alarms: Alarms
  /// Has a run driven again that was parked.
  let resume: @Sendable (LiveRun) -> Void
  let locks: Locked<RunLocks>
}

/// Performs what a run's state machine decides, and tells it what came of it. Every batch of events becomes one commit of
/// journal entries, and only then anything is done; what a batch asks the store about owners is one question, and what it
/// notes of them one commit.
struct RunDriver: Sendable {
  /// What the mailbox brings.
  enum Delivery: Sendable {
    case event(RunStateMachine.Event)
    /// A change was sent: who owns the application is to be noted before the machine learns of it.
    case sent(SentChange)
    /// Nothing is under way any more.
    case quiet
  }

  enum End: Sendable {
    /// The run is over.
    case finished
    /// Nothing is under way: the run is driven again when something comes for it.
    case parked
    /// The server stops; the run goes on with the next one.
    case halted
    /// The store takes no more from this server. The run may be over all the same: its journal says so, and only its
    /// record does not.
    case lost(StoreError, isOver: Bool)
  }

  let run: LiveRun
  let environment: EngineEnvironment
  /// How many tasks do something for the run.
  private let underWay = Locked(0)
  static let logger = Logger("engine")

  func drive() async -> End {
    // Discarding, because a run does tens of thousands of things, whose ends nobody takes.
    await withDiscardingTaskGroup(returning: End.self) { group in
      var machine = run.committed
      var journal = JournalWriter(run: run, environment: environment)
      var end: End?
      var clock = run.parkedClock ?? ClockWatch(environment.time)
      if run.parkedClock == nil { run.post(.begin) }
      while end == nil {
        let deliveries = await run.mailbox.next()
        guard !deliveries.isEmpty else {
          end = .halted
          break
        }
        let events = await events(of: deliveries)
        let (now, change) = clock.read(environment.time)
        let actions = actions(for: (change.map { [.clockSet(by: $0)] } ?? []) + events, &machine, at: now)
        do throws(StoreError) {
          try await journal.commit(actions, machine: &machine, at: now)
        } catch {
          end = .lost(error, isOver: machine.state.isFinal && journal.last == machine.sequence)
          break
        }
        end = carryOut(actions, at: now, uptime: clock.readAt, in: &group)
        for case .finish(let hooks) in actions {
          for key in hooks { await environment.hooks.forget(key) }
        }
        if end == nil, park(clock) { end = .parked }
      }
      // What still looks or waits is of no use any more.
      group.cancelAll()
      return end ?? .halted
    }
  }

  // What follows is not inlined: the function that waits for events, perhaps for hours, would have room for all variables of it, which are
  // several copies of the machine.

  @inline(never)
  private func actions(
    for events: [RunStateMachine.Event], _ machine: inout RunStateMachine, at now: Timestamp
  ) -> [RunStateMachine.Action] {
    events.flatMap { machine.handle($0, at: now) }
  }

  /// Leaves a run that a script keeps waiting: all that is kept of it is what `LiveRun` holds, however long that takes.
  @inline(never)
  private func park(_ clock: ClockWatch) -> Bool {
    guard underWay.withLock({ $0 }) == 0, run.hasParkedScript else { return false }
    let former = run.parkedClock
    // Before it is left: whoever drives it again may do so at once.
    run.parkedClock = clock
    run.feed.rest()
    if run.mailbox.leave({ [environment, run] in environment.resume(run) }) { return true }
    run.parkedClock = former
    return false
  }

  private func add(to group: inout DiscardingTaskGroup, _ body: @escaping @Sendable () async -> Void) {
    underWay.withLock { $0 += 1 }
    group.addTask {
      await body()
      let isLast = underWay.withLock { count in
        count -= 1
        return count == 0
      }
      if isLast, run.hasParkedScript { run.mailbox.post(.quiet) }
    }
  }

  /// Does what can be done in a moment, and begins the rest.
  /// - Returns: nil if the run goes on.
  @inline(never)
  private func carryOut(
    _ actions: [RunStateMachine.Action], at now: Timestamp, uptime: Duration, in group: inout DiscardingTaskGroup
  ) -> End? {
    var end: End?
    var looks: [RunStateMachine.ObservationOrder] = []
    var changes: [RunStateMachine.ChangeOrder] = []
    for action in actions {
      switch action {
      case .append, .write: break
      case .observe(let order): looks.append(order)
      case .change(let order): changes.append(order)
      // In the order in which they stand in the journal.
      case .answerCall(let application, let token, let call, let answer):
        if let script = run.script(application, token), script.answers.put(answer, to: call, at: now) {
          add(to: &group) { await tellEnd(of: script, application, token) }
        }
      // Not at that instant, but after so long: the wall clock may be set meanwhile.
      case .wake(let instant):
        let number = run.nextAlarm()
        environment.alarms.set(at: uptime + (instant - now)) { [weak run] in run?.ring(number) }
      case .note(let application, let reason): run.feed.note(application, reason, of: run.id, at: now)
      case .finish: end = .finished
      case .halt: end = .halted
      default: begin(action, in: &group)
      }
    }
    if !looks.isEmpty { add(to: &group) { [looks] in await look(looks) } }
    if !changes.isEmpty { add(to: &group) { [changes] in await make(changes) } }
    return end
  }

  func post(_ event: RunStateMachine.Event) { run.post(event) }

  /// The end of a task's standard error; a failure is not kept waiting for it.
  private func log(of task: TaskReference) async -> String? {
    await withTaskGroup(of: String?.self) { group in
      group.addTask {
        let limit = environment.options.limits.logTail
        let answer = await environment.gateway.request { (cluster) throws(ClusterError) in
          await cluster.taskLog(task, stream: .error, limit: limit)
        }
        return (try? answer.get()) ?? nil
      }
      group.addTask {
        try? await environment.time.sleep(for: environment.options.timing.logWait)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }

  /// Does one thing in a task of its own.
  ///
  /// What may wait for hours keeps little memory meanwhile: a function that is called from all of them would need room for the
  /// variables of each, which are kilobytes.
  @inline(never)
  private func begin(
    _ action: RunStateMachine.Action, in group: inout DiscardingTaskGroup
  ) {
    switch action {
    case .runScript(let application, let token, let order):
      // Known before its task begins: whoever ends it must find it.
      let script = LiveScript(order)
      run.setScript(script, application, token)
      add(to: &group) { await tellEnd(of: script, application, token) }
    case .performCall(let application, let token, let order) where order.call.isApproval:
      setEnd(ofApproval: order, application, token)
    case .performCall(let application, let token, let order):
      add(to: &group) { await tellEnd(ofCall: order, application, token) }
    case .findHook(let application, let token, let key):
      add(to: &group) { await tellEnd(ofFormerHook: key, application, token) }
    case .startHook(let application, let token, let job):
      add(to: &group) { await tellEnd(ofHook: job, application, token) }
    default: add(to: &group) { await perform(action) }
    }
  }

  @inline(never)
  private func tellEnd(of script: LiveScript, _ application: String, _ token: Int) async {
    let end = await runScript(application, token, script)
    if let end, end != .suspended { post(.scriptEnded(application: application, token: token, end)) }
  }

  @inline(never)
  private func tellEnd(ofCall order: RunStateMachine.CallOrder, _ application: String, _ token: Int) async {
    let end = await perform(order)
    if let end { post(.performed(application: application, token: token, call: order.call.number, end)) }
  }

  @inline(never)
  private func tellEnd(ofFormerHook key: HookKey, _ application: String, _ token: Int) async {
    if let report = await find(key) { post(.hook(application: application, token: token, report)) }
  }

  @inline(never)
  private func tellEnd(ofHook job: HookJob, _ application: String, _ token: Int) async {
    if let report = await start(job) { post(.hook(application: application, token: token, report)) }
  }

  /// Does one thing that does not wait for long, and posts what came of it.
  @inline(never)
  private func perform(_ action: RunStateMachine.Action) async {
    let environment = environment
    switch action {
    case .append, .write, .note, .finish, .halt, .observe, .change, .answerCall, .wake, .runScript, .performCall,
      .findHook, .startHook:
      break
    case .requestLock:
      switch environment.locks.withLock({ $0.request(run.lane, run.id, run.user, at: environment.time.now()) }) {
      case .acquired: post(.lockAcquired)
      case .held(let holder): post(.lockHeld(by: holder.run, user: holder.user, since: holder.since))
      }
    case .readCluster:
      post(
        .clusterInfo(await environment.gateway.request { (cluster) throws(ClusterError) in try await cluster.info() }))
    case .readOwnership:
      do {
        post(.owned(.success(try await environment.store.ownership(stack: run.lane.stack, zone: run.lane.zone))))
      } catch {
        post(.owned(.failure(ClusterError(error))))
      }
    case .disown(let application, let clusterID, let token):
      post(.disowned(application: application, token: token, await disown(clusterID)))
    case .cancelHook(let key):
      await environment.hooks.cancel(key)
    case .cancelScript(let application, let token):
      cancelScript(application, token)
    case .fill(let application, let token, let type, let tasks):
      guard let runner = environment.runners[type] else { return }
      do {
        let variables = try await runner.fill(application: application, tasks: tasks)
        post(.filled(application: application, token: token, .success(variables)))
      } catch {
        post(.filled(application: application, token: token, .failure(error)))
      }
    case .runTask(let application, let token, let type, let job):
      guard let runner = environment.runners[type] else { return }
      do {
        post(.taskEnded(application: application, token: token, .success(try await runner.run(job))))
      } catch {
        post(.taskEnded(application: application, token: token, .failure(error)))
      }
    case .fetchLog(let application, let token, let task):
      post(.log(application: application, token: token, await log(of: task)))
    }
  }
}
