import Concurrency
import StackModel
import Store

/// How a run ends that does not succeed: nothing new begins, waits end at once, effects get their outcome.
extension RunStateMachine {
  mutating func cancel(by user: String, at now: Timestamp) {
    guard cancelledBy == nil, !state.isFinal else { return }
    // It may come before the run has begun.
    accept(at: now)
    record(.cancelRequested(by: user), at: now)
    end(at: now)
  }

  /// The run as a whole cannot go on.
  mutating func fail(_ failure: RunFailure, at now: Timestamp) {
    firstFailure = firstFailure ?? failure
    end(at: now)
  }

  /// An application cannot go on.
  mutating func fail(_ place: Int, _ failure: RunFailure, at now: Timestamp) {
    if let reference = walks[place].reference { record(.outcome(reference, .failed(failure)), at: now) }
    walks[place].activity = .idle
    record(.applicationState(application: walks[place].id, .failed, failure), at: now)
    if walks[place].caller != nil {
      ended(place, at: now)
    } else {
      end(at: now)
    }
  }

  mutating func end(at now: Timestamp) {
    let isFirst = phase != .ending
    phase = .ending
    runDue = nil
    for place in walks.indices {
      switch walks[place].activity {
      case .idle, .observing, .settling, .reading, .filling, .resting:
        guard isFirst else { break }
        walks[place].activity = .idle
        walks[place].waiting = nil
        recoverWhileEnding(place)
      case .hook(let key):
        if cancelledBy != nil { actions.append(.cancelHook(key)) }
      case .script: endScript(place, at: now)
      case .changing, .confirming, .disowning, .task, .failing:
        break
      }
    }
    endingDue = now + (cancelledBy != nil ? options.timing.cancelGrace : options.timing.failureGrace)
    finishIfQuiet(at: now)
  }

  /// What was under way when the server stopped, or is in doubt, is still an effect whose outcome belongs to the run.
  private mutating func recoverWhileEnding(_ place: Int) {
    guard walks[place].state == .running, case .intended(let intent) = walks[place].stage else { return }
    switch intent {
    case .hook(let key):
      let token = walks[place].start(.hook(key))
      actions.append(.findHook(application: walks[place].id, token: token, key))
      if cancelledBy != nil { actions.append(.cancelHook(key)) }
    case .change: look(place, .settling)
    case .script:
      // No script takes its result any more.
      actions += commandKeys(place).map { .cancelHook($0) }
    case .task: break
    }
  }

  mutating func finishIfQuiet(at now: Timestamp) {
    guard phase == .ending, !isStopping, !walks.contains(where: \.isBusy) else { return }
    conclude(at: now)
  }

  /// What was under way had its time: hooks are ended, then the rest is given up.
  mutating func endingGraceOver(at now: Timestamp) {
    guard phase == .ending else { return }
    let hooks = walks.indices.flatMap { place -> [HookKey] in
      switch walks[place].activity {
      case .hook(let key): [key]
      case .script: commandKeys(place)
      default: []
      }
    }
    // Also where the run was cancelled: a hook may have been starting when it was to be ended.
    if !isForcingHooks, !hooks.isEmpty {
      isForcingHooks = true
      actions += hooks.map { .cancelHook($0) }
      endingDue = now + options.timing.cancelGrace
    } else {
      conclude(at: now)
    }
  }

  private mutating func conclude(at now: Timestamp) {
    for place in walks.indices where walks[place].state == .running || walks[place].state == .blocked {
      walks[place].activity = .idle
      record(.applicationState(application: walks[place].id, .stopped, doubt(place)), at: now)
    }
    if let firstFailure {
      record(.runState(.failed, firstFailure), at: now)
    } else {
      record(.runState(.cancelled, nil), at: now)
    }
    finish()
  }

  /// What a person should know of an application whose last change has no outcome.
  private func doubt(_ place: Int) -> RunFailure? {
    guard case .intended(let intent) = walks[place].stage else { return nil }
    switch intent {
    case .change(let change):
      return failure(
        place,
        "the run ended before the cluster told whether it \(change.kind.result.rawValue) the application; "
          + "the next run, or down, finds out")
    case .script where !walks[place].script.open.isEmpty:
      let calls = walks[place].script.open.values.map(\.record).sorted { $0.number < $1.number }.map(\.sentence)
      return failure(place, "the run ended before \(Self.shortened(calls)) had told how it went")
    case .hook, .script, .task:
      let what = walks[place].operation == .run ? "its function" : walks[place].step?.name ?? "it"
      return failure(place, "the run ended before \(what) had told how it went")
    }
  }

  /// While the server stops: leaves once nothing is under way whose outcome could still be had. Hooks outlive the server.
  mutating func haltIfQuiet() {
    guard isStopping, phase != .over, !walks.contains(where: \.isChangingTheWorld) else { return }
    phase = .over
    actions.append(.halt)
  }

  /// Nobody can tell whether the step happened: a person has to say how to go on.
  mutating func block(_ place: Int, _ reason: String, at now: Timestamp) {
    block(place, failure(place, reason), at: now)
  }

  mutating func block(_ place: Int, _ failure: RunFailure, at now: Timestamp) {
    walks[place].activity = .idle
    record(.applicationState(application: walks[place].id, .blocked, failure), at: now)
    if state != .blocked { record(.runState(.blocked, failure), at: now) }
  }
}

extension ApplicationWalk {
  /// The run may not end before this is over.
  fileprivate var isBusy: Bool {
    switch activity {
    case .failing, .settling: return true
    default: break
    }
    return activity.isEffect
  }

  fileprivate var isChangingTheWorld: Bool {
    switch activity {
    case .hook: false
    // A script is run again from its start; only what it has called for matters.
    case .script: performing.values.contains { $0.isAwaited && !$0.isShell }
    default: activity.isEffect
    }
  }
}
