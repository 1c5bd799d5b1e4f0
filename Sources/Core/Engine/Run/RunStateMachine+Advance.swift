import Concurrency
import StackModel
import Store

extension RunStateMachine {
  /// Does what can be done next for one application: nothing while something is under way for it.
  mutating func advance(_ place: Int, at now: Timestamp) {
    guard phase == .walking, !isStopping, walks[place].activity == .idle, !walks[place].awaitsCall else { return }
    switch walks[place].state {
    case .pending:
      if walks[place].operation == .deploy, plan.skipped.contains(walks[place].id) {
        record(.applicationState(application: walks[place].id, .skipped, nil), at: now)
        ended(place, at: now)
      } else if unmetDependencies(of: walks[place]).isEmpty {
        record(.applicationState(application: walks[place].id, .running, nil), at: now)
        // What cannot be resolved is found before the first hook runs, as in the original.
        if let failure = checkBeforeScheduler(walks[place]) {
          fail(place, failure, at: now)
        } else {
          perform(place, at: now)
        }
      }
    case .running:
      perform(place, at: now)
    case .blocked, .done, .failed, .skipped, .stopped:
      break
    }
  }

  /// Ids of those that have to be done first and are not. What the run does not know is no obstacle: submission has
  /// refused unknown names.
  func unmetDependencies(of walk: ApplicationWalk) -> [String] {
    walk.dependencies.filter { id in
      guard let place = places[id] else { return false }
      // A call of a script has its turn however the one before it ended.
      if walk.caller != nil { return !walks[place].isOver }
      return walks[place].state != .done && walks[place].state != .skipped
    }
  }

  private mutating func perform(_ place: Int, at now: Timestamp) {
    guard let step = walks[place].step, let reference = walks[place].reference else {
      record(.applicationState(application: walks[place].id, .done, nil), at: now)
      ended(place, at: now)
      return
    }
    switch step {
    case .hook(let hook, _, let part):
      switch hookPart(walks[place], hook, part) {
      case .shell(let lines): performHook(place, reference, hook, lines, at: now)
      case .lua(let script): performScript(place, reference, script, at: now)
      }
    case .run:
      if let script = plan.stack.run { performScript(place, reference, script, at: now) }
    case .launch, .destroy: performChange(place, reference, at: now)
    case .healthy, .gone: performWait(place, reference, at: now)
    case .variables: performFill(place, at: now)
    case .task(let name): performTask(place, reference, name, at: now)
    }
  }

  /// The step is done: on to the next.
  mutating func succeed(_ place: Int, _ success: JournalEntry.Success, at now: Timestamp) {
    guard let reference = walks[place].reference else { return }
    walks[place].activity = .idle
    record(.outcome(reference, .succeeded(success)), at: now)
    advance(place, at: now)
  }

  mutating func ended(_ place: Int, at now: Timestamp) {
    if walks[place].caller != nil { answerCaller(of: place, at: now) }
    for dependent in dependents[walks[place].id] ?? [] { advance(dependent, at: now) }
    succeedIfDone(at: now)
  }

  /// Says why the application does not go on. What is ordinary, or was said too often, is not worth a journal entry.
  mutating func setWaiting(_ place: Int, _ cause: WaitingReason.Cause, at now: Timestamp) {
    let former = walks[place].waiting
    let isSameKind = former?.cause.name == cause.name
    let reason = WaitingReason(
      step: walks[place].step?.name, since: isSameKind ? former?.since ?? now : now, until: walks[place].until,
      cause: cause)
    guard reason != former else { return }
    walks[place].waiting = reason
    tellCaller(of: place, at: now)
    if !isSameKind, cause.isWorthJournaling, walks[place].waitingNotes < options.limits.waitingNotes {
      record(.waiting(application: walks[place].id, reason), at: now)
    } else {
      actions.append(.note(application: walks[place].id, reason))
    }
  }

  /// Looks again after a while, at the latest when the step's time is up.
  mutating func rest(_ place: Int, _ cause: WaitingReason.Cause, for wait: Duration, at now: Timestamp) {
    setWaiting(place, cause, at: now)
    if walks[place].mustLookAgain, walks[place].firstRead == nil {
      walks[place].activity = .idle
      advance(place, at: now)
      return
    }
    walks[place].tries += 1
    walks[place].activity = .resting(until: min(now + wait, walks[place].until ?? now + wait))
  }

  func isLate(_ place: Int, at now: Timestamp) -> Bool {
    if let until = walks[place].until { now >= until } else { false }
  }

  /// The pause between looks at an application that is not ready yet.
  func pollPause(_ place: Int) -> Duration {
    isStreaming
      ? options.timing.safetyPoll
      : options.timing.pollPause(walks[place].tries)
  }

  func retryPause(_ place: Int) -> Duration {
    options.timing.retryPause(walks[place].tries)
  }

  func failure(_ place: Int, _ error: ClusterError) -> RunFailure {
    failure(place, error.message, originalText: error.originalText, cause: .cluster)
  }

  func failure(
    _ place: Int, _ reason: String, originalText: String? = nil, cause: RunFailure.Cause? = nil
  ) -> RunFailure {
    RunFailure(
      application: walks[place].id, step: walks[place].step?.name, reason: reason,
      originalText: originalText.map { "\(walks[place].id): \($0)" }, cause: cause)
  }
}

extension WaitingReason.Cause {
  /// What keeps waiting who met this error.
  init(_ error: ClusterError) {
    self =
      error.code == .storeUnavailable ? .storeUnavailable(error.message) : .clusterUnavailable(error.message)
  }

  fileprivate var isWorthJournaling: Bool {
    switch self {
    case .lock, .clusterUnavailable, .storeUnavailable, .deploymentLocked, .offers, .backoff, .healthCheck, .crashing,
      .settling,
      .decision, .approval:
      true
    case .dependencies, .starting, .hook, .call, .task, .stopping:
      false
    }
  }
}
