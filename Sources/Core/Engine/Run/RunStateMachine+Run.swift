import Concurrency
import StackModel
import Store

/// The run as a whole: its turn, its cluster, what it has to remove.
extension RunStateMachine {
  mutating func begin(at now: Timestamp) {
    let isNew = !isAccepted
    accept(at: now)
    if state.isFinal {
      finish()
      return
    }
    // Whoever was running before a restart holds the lock still; the answer says so at once.
    actions.append(.requestLock)
    shorten(at: now)
    // A new run has not waited yet, whatever the clock was set to since it was stored.
    if state == .queued { runDue = (isNew ? now : min(queuedSince, now)) + plan.lockWait }
  }

  /// The first entry of every journal.
  mutating func accept(at now: Timestamp) {
    if !isAccepted { record(.accepted(by: plan.user), at: now) }
  }

  /// When it began to wait for its turn.
  private var queuedSince: Timestamp { reopenedAt ?? createdAt }

  mutating func lockHeld(by holder: RunID, user: String, since: Timestamp, at now: Timestamp) {
    guard phase == .queued else { return }
    setRunWaiting(
      .lock(run: holder, user: user, since: since), since: queuedSince, until: runDue ?? queuedSince + plan.lockWait,
      at: now)
  }

  mutating func lockAcquired(at now: Timestamp) {
    guard phase == .queued, !isStopping else { return }
    runDue = nil
    waiting = nil
    if firstFailure != nil || cancelledBy != nil {
      end(at: now)
      return
    }
    if state == .queued { record(.runState(.running, nil), at: now) }
    meetCluster(at: now)
  }

  mutating func meetCluster(at now: Timestamp) {
    phase = .meetingCluster
    runTries = 0
    runUntil = (cluster == nil ? min(reopenedAt ?? startedAt ?? createdAt, now) : now) + plan.maxWait
    actions.append(.readCluster)
  }

  /// Goes on with what the run as a whole waits for.
  mutating func continueRun(at now: Timestamp) {
    switch phase {
    case .queued:
      var reason = "the stack is still held by another run"
      if let waiting { reason = waiting.sentence }
      fail(RunFailure(reason: "\(reason); gave up after \(plan.lockWait.forPeople)", cause: .conflict), at: now)
    case .meetingCluster: actions.append(.readCluster)
    case .listingRemovals: actions.append(.readOwnership)
    case .walking, .ending, .over: break
    }
  }

  mutating func clusterInfo(_ result: Result<ClusterInfo, ClusterError>, at now: Timestamp) {
    guard phase == .meetingCluster, !isStopping else { return }
    switch result {
    case .failure(let error):
      runFaced(error, at: now)
    case .success(let info):
      waiting = nil
      runTries = 0
      if let known = cluster {
        guard known.id.isEmpty || info.id.isEmpty || known.id == info.id else {
          let reason =
            "this run was begun on the cluster \(known.id), and the server is now connected to \(info.id); "
            + "connect it to the former one, then resume, or cancel the run"
          if state != .blocked || failure?.reason != reason {
            record(.runState(.blocked, RunFailure(reason: reason)), at: now)
          }
          return
        }
      } else {
        record(
          .cluster(.init(id: info.id, version: info.version, mesosMaster: info.mesosMaster)), at: now)
      }
      if state == .blocked, !walks.contains(where: { $0.state == .blocked }) {
        // The former cluster is back.
        record(.runState(.running, nil), at: now)
      }
      if plan.kind == .down, !knowsRemovals { listRemovals(at: now) } else { walk(at: now) }
    }
  }

  mutating func listRemovals(at now: Timestamp) {
    phase = .listingRemovals
    runTries = 0
    runUntil = now + plan.maxWait
    actions.append(.readOwnership)
  }

  mutating func owned(_ result: Result<[OwnershipRecord], ClusterError>, at now: Timestamp) {
    guard phase == .listingRemovals, !isStopping else { return }
    switch result {
    case .failure(let error):
      runFaced(error, at: now)
    case .success(let records):
      // What a script has only destroyed is none of what the stack has now, also where that failed and the script went on.
      let kept = Set(walks.filter { $0.caller?.work != .destroy }.map(\.clusterID))
      let removed = records.filter { !kept.contains($0.application) }
      let ids = Set(removed.map(\.application))
      let removals = removed.map { record in
        JournalEntry.Removal(
          application: record.application,
          after: removed.filter { $0.dependencies.contains(record.application) }.map(\.application)
            .filter { $0 != record.application && ids.contains($0) })
      }
      record(.removals(withoutCycles(removals)), at: now)
      walk(at: now)
    }
  }

  /// Revisions of a stack may have left records that depend on each other in a circle; such a circle is removed at once.
  private func withoutCycles(_ removals: [JournalEntry.Removal]) -> [JournalEntry.Removal] {
    var left = removals
    var gone: Set<String> = []
    while true {
      let free = left.filter { gone.isSuperset(of: $0.after) }
      if free.isEmpty { break }
      gone.formUnion(free.map(\.application))
      left.removeAll { gone.contains($0.application) }
    }
    guard !left.isEmpty else { return removals }
    let circular = Set(left.map(\.application))
    return removals.map { removal in
      guard circular.contains(removal.application) else { return removal }
      return .init(application: removal.application, after: removal.after.filter { !circular.contains($0) })
    }
  }

  private mutating func walk(at now: Timestamp) {
    phase = .walking
    for place in walks.indices { advance(place, at: now) }
    succeedIfDone(at: now)
  }

  /// The cluster, or the store, could not answer a question of the run as a whole.
  private mutating func runFaced(_ error: ClusterError, at now: Timestamp) {
    let until = runUntil ?? now
    guard error.isTransient, now < until else {
      fail(RunFailure(reason: error.message, originalText: error.originalText, cause: .cluster), at: now)
      return
    }
    setRunWaiting(.init(error), since: waiting?.since ?? now, until: until, at: now)
    let wait = options.timing.retryPause(runTries)
    runTries += 1
    runDue = min(now + wait, until)
  }

  private mutating func setRunWaiting(
    _ cause: WaitingReason.Cause, since: Timestamp, until: Timestamp?, at now: Timestamp
  ) {
    let reason = WaitingReason(step: nil, since: since, until: until, cause: cause)
    let former = waiting
    waiting = reason
    if former?.cause.name != cause.name {
      record(.waiting(application: nil, reason), at: now)
    } else if former != reason {
      actions.append(.note(application: nil, reason))
    }
  }

  /// Ends the run well if nothing is left to do.
  mutating func succeedIfDone(at now: Timestamp) {
    guard phase == .walking, !isStopping, walks.open == 0 else { return }
    // What a script has called for that was skipped meanwhile.
    guard !walks.contains(where: { $0.caller != nil && $0.activity.isEffect }) else { return }
    if plan.kind == .deploy, plan.prune, !knowsRemovals {
      listRemovals(at: now)
      return
    }
    record(.runState(.succeeded, nil), at: now)
    finish()
  }

  mutating func finish() {
    phase = .over
    actions.append(.finish(hooks: walks.flatMap(\.hookKeys)))
  }

  mutating func resume(_ decision: ResumeDecision, by user: String, at now: Timestamp) {
    // Before the walk has begun anew after a restart, the decision is taken and carried out then.
    guard state == .blocked, phase != .ending, phase != .over, !isStopping else { return }
    guard let place = walks.firstIndex(where: { $0.state == .blocked }) else {
      guard decision == .retryStep else { return }
      record(.resumed(nil, decision, by: user), at: now)
      record(.runState(.running, nil), at: now)
      if phase == .meetingCluster { meetCluster(at: now) }
      return
    }
    guard let reference = walks[place].reference else { return }
    if decision == .skipStep { stopCalls(of: place, at: now) }
    record(.resumed(reference, decision, by: user), at: now)
    if let next = walks.first(where: { $0.state == .blocked }) {
      record(.runState(.blocked, next.failure), at: now)
    } else {
      record(.runState(.running, nil), at: now)
    }
    advance(place, at: now)
  }

  /// Whether the event may change what the run does. What it does not know yet it looks at anyway when it comes to it.
  func isConcerned(by hint: ClusterEvent) -> Bool {
    switch hint {
    case .connected, .disconnected: true
    case .changed(let applications), .deploymentEnded(_, _, _, let applications):
      applications.contains { clusterPlaces[$0] != nil }
    }
  }

  mutating func hinted(_ hint: ClusterEvent, at now: Timestamp) {
    switch hint {
    case .connected:
      isStreaming = true
      // Whatever happened while nobody told is found by looking.
      for place in walks.indices { lookAgain(place, at: now) }
      if let due = runDue, phase == .meetingCluster, due > now {
        runDue = nil
        continueRun(at: now)
      }
    case .disconnected:
      isStreaming = false
      for place in walks.indices { lookAgain(place, at: now) }
    case .changed(let applications):
      lookAgain(at: applications, now)
    case .deploymentEnded(_, _, _, let applications):
      lookAgain(at: applications, now)
    }
  }

  private mutating func lookAgain(at applications: Set<String>, _ now: Timestamp) {
    for application in applications {
      for place in clusterPlaces[application] ?? [] { lookAgain(place, at: now) }
    }
  }

  private mutating func lookAgain(_ place: Int, at now: Timestamp) {
    guard !isStopping else { return }
    switch walks[place].activity {
    case .resting:
      // A repeat must not come before its reads lie far enough apart.
      guard walks[place].firstRead == nil else { return }
      walks[place].activity = .idle
      advance(place, at: now)
    case .reading, .observing, .settling:
      walks[place].mustLookAgain = true
    case .idle, .changing, .confirming, .disowning, .hook, .script, .filling, .task, .failing:
      break
    }
  }
}
