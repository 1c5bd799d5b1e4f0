import Concurrency
import Store
import Telemetry

extension Engine {
  /// Begins an epoch, so that a former server can write no more, and takes up every run that is not over.
  package func start() async throws(EngineError) {
    do {
      let epoch = try await store.beginEpoch()
      let environment = EngineEnvironment(
        store: store, epoch: epoch, gateway: ClusterGateway(cluster, limit: options.clusterRequestLimit), hooks: hooks,
        scripts: scripts,
        services: services, runners: runners, time: time, options: options,
        workers: WorkerPlaces(options.limits.workers), documents: DocumentLedger(), alarms: Alarms(time),
        resume: { [arrivalsInput] run in
          // Nobody drives it any more: whoever follows it need not wait for those that are still driven.
          if case .terminated = arrivalsInput.yield(run) { run.feed.close() }
        }, locks: Locked(RunLocks()))
      state.withLock { $0.environment = environment }
      let unfinished = try await store.unfinishedRuns()
      // Whoever was running holds the lock still, whatever its number.
      for record in unfinished.filter({ $0.state != .queued }) + unfinished.filter({ $0.state == .queued }) {
        _ = environment.locks.withLock {
          $0.request(
            .init(stack: record.stack, zone: record.zone), record.id, record.createdBy,
            at: record.startedAt ?? record.createdAt)
        }
      }
      for record in unfinished { try await takeUp(record, environment) }
    } catch {
      throw EngineError(error)
    }
  }

  func takeUp(_ record: RunRecord, _ environment: EngineEnvironment) async throws(StoreError) {
    do {
      let machine = try await restore(record)
      arrive(LiveRun(machine: machine, record: record))
    } catch let error as JournalFormatError {
      RunDriver.logger.error("a run cannot be resumed", ["run": "\(record.id)", "error": "\(error)"])
      var blocked = record
      blocked.state = .blocked
      blocked.error = "run \(record.id) cannot be resumed: \(error)"
      if blocked != record { _ = try await store.updateRun(blocked, epoch: environment.epoch) }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.corrupt, "run \(record.id) cannot be read", cause: "\(error)")
    }
  }

  /// The machine of a run as its journal leaves it.
  /// - Throws: `JournalFormatError`, `StoreError`.
  func restore(_ record: RunRecord) async throws -> RunStateMachine {
    let plan = try RunPlan(snapshot: record.snapshot)
    var machine = RunStateMachine(
      id: record.id, plan: plan, createdAt: record.createdAt, options: options, runnerTypes: Set(runners.keys))
    while true {
      let page = try await store.journal(of: record.id, after: machine.sequence, limit: 1_000)
      if page.isEmpty { return machine }
      for line in page { machine.replay(try JournalEntry(line), sequence: line.sequence, at: line.at) }
    }
  }

  /// From here on the run is driven by this server, unless it is already.
  func arrive(_ run: LiveRun) {
    let (isStopping, isDriven) = state.withLock { state in
      let isDriven = state.live[run.id] != nil
      if !state.isStopping, !isDriven { state.live[run.id] = run }
      return (state.isStopping, isDriven)
    }
    guard !isDriven else { return }
    // It is stored, and goes on with the next server.
    if isStopping { run.feed.close() } else { arrivalsInput.yield(run) }
  }

  /// Drives runs until the task is cancelled: then effects that are under way get their outcome, for as long as
  /// `EngineOptions.stopGrace`, waits end at once, and runs that are not over go on with the next engine.
  package func run() async {
    // Cancellation asks for an orderly end here; a child task would pass it on to the requests whose outcome is awaited.
    let service = Task { await serve() }
    await withTaskCancellationHandler {
      await service.value
    } onCancel: {
      stop()
    }
  }

  private func stop() {
    let live = state.withLock { state in
      state.isStopping = true
      return Array(state.live.values)
    }
    arrivalsInput.finish()
    stopping.fire()
    for run in live { run.post(.stop) }
  }

  private enum Part: Sendable { case runs, watcher, grace }

  private func serve() async {
    let environment = state.withLock { $0.environment }
    guard let environment else { return }
    await withTaskGroup(of: Part.self) { group in
      group.addTask {
        await withDiscardingTaskGroup { drivers in
          for await run in self.arrivals {
            drivers.addTask { await self.drive(run, environment) }
          }
        }
        return .runs
      }
      group.addTask {
        await self.watchCluster()
        return .watcher
      }
      group.addTask {
        await environment.alarms.run()
        return .watcher
      }
      group.addTask {
        await self.keepRetention(environment)
        return .watcher
      }
      group.addTask {
        await self.giveBackMemory(environment)
        return .watcher
      }
      group.addTask {
        await self.settleDoubtsLater(environment)
        return .watcher
      }
      group.addTask {
        // Drivers leave by themselves once nothing is under way; after this they are made to.
        try? await self.stopping.wait()
        try? await environment.time.sleep(for: self.options.stopGrace)
        return .grace
      }
      for await part in group where part != .watcher { group.cancelAll() }
    }
    let left = state.withLock { state in
      defer { state.live = [:] }
      return Array(state.live.values)
    }
    for run in left { run.feed.close() }
  }

  private func drive(_ run: LiveRun, _ environment: EngineEnvironment) async {
    let (isStreaming, isStopping) = state.withLock { ($0.isStreaming, $0.isStopping) }
    let wasParked = run.parkedClock != nil
    // One that was parked has been told.
    if !wasParked {
      if isStreaming { run.post(.hint(.connected)) }
      if isStopping { run.post(.stop) }
    }
    let end = await RunDriver(run: run, environment: environment).drive()
    if case .parked = end {
      if !wasParked { noteParked() }
      return
    }
    // Before it is gone: a failed run that goes on then asks for its turn anew.
    switch end {
    case .finished, .lost(_, isOver: true):
      let change = environment.locks.withLock { $0.release(run.lane, run.id, at: environment.time.now()) }
      if let change { pass(change) }
    case .halted, .parked, .lost(_, isOver: false): break
    }
    state.withLock { state in
      state.live[run.id] = nil
      if case .lost(let error, _) = end {
        state.abandoned[run.id] = WaitingReason(
          step: nil, since: environment.time.now(), until: nil,
          cause: .storeUnavailable("\(error); the run goes on when the server is started again"))
      }
    }
    run.feed.close()
    if run.isLarge { memoryFreedInput.yield() }
    if case .lost(let error, _) = end {
      RunDriver.logger.error(
        "this server can no longer go on with a run", ["run": "\(run.id)", "error": "\(error)"])
    }
  }

  /// Tells those who wait for a lane who holds it now.
  func pass(_ change: (holder: RunLocks.Holder, waiting: [RunID])) {
    live(change.holder.run)?.post(.lockAcquired)
    for waiting in change.waiting {
      live(waiting)?.post(
        .lockHeld(by: change.holder.run, user: change.holder.user, since: change.holder.since))
    }
  }

  /// Passes the cluster's hints on to every run.
  private func watchCluster() async {
    for await event in cluster.events() {
      let runs = state.withLock { state in
        switch event {
        case .connected: state.isStreaming = true
        case .disconnected: state.isStreaming = false
        case .changed, .deploymentEnded: break
        }
        return Array(state.live.values)
      }
      for run in runs where run.committed({ $0.isConcerned(by: event) }) { run.post(.hint(event)) }
    }
  }

  /// Removes runs that ended long ago, and documents whose time is over, at the start and then every hour.
  private func keepRetention(_ environment: EngineEnvironment) async {
    guard let retention = options.retention else { return }
    let final: Set<RunRecord.State> = [.succeeded, .failed, .cancelled]
    while !Task.isCancelled {
      let limit = environment.time.now() - retention
      do {
        var token: PageToken?
        var lasting: Set<String> = []
        repeat {
          // The newest first.
          let page = try await store.runs(matching: RunFilter(states: final), after: token, limit: 500)
          for record in page.elements {
            if record.createdBy == options.lastingUser, lasting.insert(record.stack).inserted { continue }
            // One that had failed may have been taken up meanwhile.
            guard record.endedAt ?? record.createdAt < limit, live(record.id) == nil else { continue }
            try await store.removeRun(record.id, epoch: environment.epoch)
          }
          token = page.next
        } while token != nil && !Task.isCancelled
        try await store.removeExpiredDocuments(at: environment.time.now(), epoch: environment.epoch)
      } catch {
        RunDriver.logger.warning("old runs and documents could not be removed", ["error": "\(error)"])
      }
      do { try await environment.time.sleep(for: .seconds(3_600)) } catch { return }
    }
  }
}
