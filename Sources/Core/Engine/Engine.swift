package import Concurrency
import StackModel
package import Store

/// Carries out runs: takes requests, drives each run's state machine, and tells what becomes of them.
///
/// Build it, `start()` it once, and let `run()` be a task of its own for as long as the engine is to work; everything else
/// may be called from anywhere meanwhile. A run that was accepted is durable: it goes on with the next engine on the same
/// store, whatever happens to this one.
package final class Engine: Sendable {
  struct State: Sendable {
    var environment: EngineEnvironment?
    var live: [RunID: LiveRun] = [:]
    /// Runs that this server has given up, because its store takes no more from it.
    var abandoned: [RunID: WaitingReason] = [:]
    var isStopping = false
    var isStreaming = false
    /// How many runs were parked, ever.
    var parked = 0
    /// In the order in which the store said that they could not be stored.
    var doubted: [DoubtedRun] = []
  }

  let store: any Store
  let cluster: any ApplicationCluster
  let hooks: any HookExecutor
  let scripts: any ScriptExecutor
  let services: any ScriptServices
  let runners: [String: any TaskRunner]
  let time: any TimeSource
  let options: EngineOptions
  let state = Locked(State())
  /// Fired when `run()` is to end.
  let stopping = AsyncSignal()
  /// Runs for which `run()` has to start a driver.
  let arrivals: AsyncStream<LiveRun>
  let arrivalsInput: AsyncStream<LiveRun>.Continuation
  /// Some have ended, many were parked, or a long journal was read, since this was read last.
  let memoryFreed: AsyncStream<Void>
  let memoryFreedInput: AsyncStream<Void>.Continuation
  /// Whoever takes up runs that nobody drives has its permit.
  let takingUp = AsyncSemaphore(limit: 1)
  /// There is a run to doubt.
  let doubts: AsyncStream<Void>
  let doubtsInput: AsyncStream<Void>.Continuation

  /// - Parameter runners: by application type.
  package init(
    store: any Store, cluster: any ApplicationCluster, hooks: any HookExecutor, scripts: any ScriptExecutor,
    services: any ScriptServices = NoScriptServices(),
    runners: [String: any TaskRunner] = [:], time: any TimeSource = SystemTime(),
    options: EngineOptions = EngineOptions()
  ) {
    self.store = store
    self.cluster = cluster
    self.hooks = hooks
    self.scripts = scripts
    self.services = services
    self.runners = runners
    self.time = time
    self.options = options
    (arrivals, arrivalsInput) = AsyncStream.makeStream(of: LiveRun.self)
    (memoryFreed, memoryFreedInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (doubts, doubtsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The engine's surroundings, once it has been started and until it stops.
  func surroundings() throws(EngineError) -> EngineEnvironment {
    let environment = state.withLock { $0.isStopping ? nil : $0.environment }
    guard let environment else {
      throw EngineError(.unavailable, "the server is starting or stopping; try again in a moment")
    }
    return environment
  }

  func live(_ run: RunID) -> LiveRun? { state.withLock { $0.live[run] } }

  private func abandoned(_ run: RunID) -> WaitingReason? { state.withLock { $0.abandoned[run] } }

  // MARK: Asking

  /// What the run does now, or how it ended.
  package func status(_ run: RunID) async throws(EngineError) -> RunStatus {
    if let live = live(run) { return live.status }
    let record = try await record(of: run)
    do {
      let machine = try await restore(record)
      noteRead(machine)
      var status = machine.status
      if !status.state.isFinal, let reason = abandoned(run) { status.waiting = reason }
      return status
    } catch let error as JournalFormatError {
      return status(record, unreadable: error)
    } catch let error as StoreError {
      throw EngineError(error)
    } catch {
      throw EngineError(.unavailable, "\(error)")
    }
  }

  /// Returns when the run is over. Where this server stops before that, it throws `.unavailable`; the run goes on with the
  /// next one.
  /// - Throws: `EngineError`; `CancellationError`, which leaves the run as it is.
  package func waitUntilFinal(_ run: RunID) async throws -> RunStatus {
    try await wait(for: run) { $0.isFinal }
  }

  /// As `waitUntilFinal`, but returns also when the run needs a person's decision.
  package func waitUntilSettled(_ run: RunID) async throws -> RunStatus {
    try await wait(for: run) { $0.isFinal || $0 == .blocked }
  }

  private func wait(for run: RunID, until condition: (RunRecord.State) -> Bool) async throws -> RunStatus {
    if live(run) == nil { try await settleDoubts() }
    while let live = live(run) {
      // Asked before the state is read: the feed of a run that ends in between is closed too.
      let isClosed = live.feed.isClosed
      let (state, sequence) = live.committed { ($0.state, $0.sequence) }
      if condition(state) { return live.status }
      if isClosed {
        throw EngineError(.unavailable, "the server stops; run \(run) goes on with the next one")
      }
      try await live.feed.wait(beyond: sequence, note: .max)
    }
    let status = try await status(run)
    guard condition(status.state) else {
      throw notDriven(run)
    }
    return status
  }

  /// The run's events with a sequence above `sequence` (0 for all), and those to come.
  package func events(_ run: RunID, after sequence: Int64 = 0) async throws(EngineError) -> RunEvents {
    if let live = live(run) { return RunEvents(run: run, after: sequence, store: store, feed: live.feed) }
    _ = try await record(of: run)
    return RunEvents(run: run, after: sequence, store: store, feed: nil)
  }

  /// What the stack has deployed in the zone.
  package func owned(stack: String, zone: String) async throws(EngineError) -> [OwnershipRecord] {
    do {
      return try await store.ownership(stack: stack, zone: zone)
    } catch {
      throw EngineError(error)
    }
  }

  func record(of run: RunID) async throws(EngineError) -> RunRecord {
    do {
      if let record = try await store.run(run) { return record }
    } catch {
      throw EngineError(error)
    }
    throw EngineError(.runNotFound, "there is no run \(run)")
  }

  // MARK: Steering

  /// Ends the run within seconds, hooks included; what it has deployed stays. Durable when it returns.
  package func cancel(_ run: RunID, by user: String) async throws(EngineError) {
    if live(run) == nil { try await settleDoubts() }
    if let live = live(run) {
      let state = live.committed(\.state)
      guard !state.isFinal else { throw over(run, state) }
      live.post(.cancel(by: user))
      try await settle(live) { $0.cancelledBy != nil || $0.state.isFinal }
      let (canceller, end) = live.committed { ($0.cancelledBy, $0.state) }
      guard canceller != nil else { throw over(run, end) }
      return
    }
    let record = try await record(of: run)
    guard !record.state.isFinal else { throw over(run, record.state) }
    guard try await isUnreadable(record) else { throw notDriven(run) }
    try await cancelUnreadable(record)
  }

  /// Goes on with a blocked run: the first of its steps that needs a decision gets this one; or with a failed one: all its steps that have failed get it.
  /// Durable when it returns.
  package func resume(_ run: RunID, _ decision: ResumeDecision, by user: String) async throws(EngineError) {
    if live(run) == nil { try await settleDoubts() }
    guard let live = live(run) else {
      let record = try await record(of: run)
      if record.state == .failed {
        return try await takeUpAlone { try await reopen(record, decision, by: user) }
      }
      guard !record.state.isFinal else { throw over(run, record.state) }
      guard try await isUnreadable(record) else { throw notDriven(run) }
      throw EngineError(.conflict, record.error ?? "run \(run) cannot be resumed by this server")
    }
    let before = live.committed
    if before.state == .failed {
      // In a moment nobody drives it any more.
      try await settle(live) { _ in live.feed.isClosed }
      return try await resume(run, decision, by: user)
    }
    // Nor any other that has just ended.
    guard !before.state.isFinal else { throw over(run, before.state) }
    guard before.state == .blocked else {
      throw EngineError(.conflict, "run \(run) is neither blocked nor has it failed, it is \(before.state.rawValue)")
    }
    guard decision == .retryStep || before.walks.contains(where: { $0.state == .blocked }) else {
      throw EngineError(
        .conflict, "run \(run) as a whole is blocked, not one of its steps: \(before.failure?.reason ?? "")")
    }
    live.post(.resume(decision, by: user))
    try await settle(live) { $0.sequence > before.sequence || $0.state.isFinal }
  }

  /// Gives the approval that scripts of the run wait for under this name. Durable when it returns.
  package func approve(_ run: RunID, _ name: String, by user: String) async throws(EngineError) {
    guard let live = live(run) else {
      let record = try await record(of: run)
      guard !record.state.isFinal else { throw over(run, record.state) }
      throw notDriven(run)
    }
    let awaited = live.committed { machine in machine.walks.flatMap(\.approvalsAwaited) }
    guard awaited.contains(name) else {
      let others =
        awaited.isEmpty ? "it waits for none" : "it waits for \(Set(awaited).sorted().joined(separator: ", "))"
      throw EngineError(.conflict, "run \(run) does not wait for the approval \(name): \(others)")
    }
    live.post(.approve(name, by: user))
    try await settle(live) { machine in
      machine.state.isFinal || !machine.walks.contains { $0.approvalsAwaited.contains(name) }
    }
  }

  /// The run could go on, but not with this server.
  private func notDriven(_ run: RunID) -> EngineError {
    let reason = abandoned(run).map { ": \($0.sentence)" } ?? ""
    return EngineError(
      .unavailable, "run \(run) is not driven by this server at the moment\(reason); it goes on with the next start")
  }

  func over(_ run: RunID, _ state: RunRecord.State) -> EngineError {
    EngineError(.conflict, "run \(run) is over: it has \(state.rawValue)")
  }

  /// Waits until the run's committed state satisfies the condition.
  private func settle(
    _ live: LiveRun, until condition: (RunStateMachine) -> Bool
  ) async throws(EngineError) {
    while true {
      let isClosed = live.feed.isClosed
      let (isSettled, sequence) = live.committed { (condition($0), $0.sequence) }
      if isSettled { return }
      if isClosed { throw EngineError(.unavailable, "the server stops") }
      do {
        try await live.feed.wait(beyond: sequence, note: .max)
      } catch {
        throw EngineError(.unavailable, "given up while run \(live.id) was being changed")
      }
    }
  }
}
