import Concurrency
import StackModel
import Store

/// How a run ends that does not succeed: nothing new begins, waits end at once, effects get their outcome.
extension RunStateMachine {
  mutating func cancel(by user: String, at now: Timestamp) {
    guard cancelledBy == nil, !state.isFinal else { return }
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
    end(at: now)
  }

  mutating func end(at now: Timestamp) {
    phase = .ending
    runDue = nil
    for place in walks.indices {
      switch walks[place].activity {
      case .idle:
        recoverWhileEnding(place)
      case .observing, .settling, .reading, .filling, .resting:
        walks[place].activity = .idle
        walks[place].waiting = nil
      case .hook(let key):
        if cancelledBy != nil { actions.append(.cancelHook(key)) }
      case .changing, .confirming, .disowning, .task, .failing:
        break
      }
    }
    endingDue = now + (cancelledBy != nil ? options.timing.cancelGrace : options.timing.failureGrace)
    finishIfQuiet(at: now)
  }

  /// A hook that was running when the server stopped is still an effect under way.
  private mutating func recoverWhileEnding(_ place: Int) {
    guard walks[place].state == .running, case .intended(.hook(let key)) = walks[place].stage else { return }
    let token = walks[place].start(.hook(key))
    actions.append(.findHook(application: walks[place].id, token: token, key))
    if cancelledBy != nil { actions.append(.cancelHook(key)) }
  }

  mutating func finishIfQuiet(at now: Timestamp) {
    guard phase == .ending, !isStopping, !walks.contains(where: \.isBusy) else { return }
    conclude(at: now)
  }

  /// What was under way had its time: hooks are ended, then the rest is given up.
  mutating func endingGraceOver(at now: Timestamp) {
    guard phase == .ending else { return }
    let hooks = walks.compactMap { walk in if case .hook(let key) = walk.activity { key } else { nil } }
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
      record(.applicationState(application: walks[place].id, .stopped, nil), at: now)
    }
    if let firstFailure {
      record(.runState(.failed, firstFailure), at: now)
    } else {
      record(.runState(.cancelled, nil), at: now)
    }
    finish()
  }

  /// While the server stops: leaves once nothing is under way whose outcome could still be had. Hooks outlive the server.
  mutating func haltIfQuiet() {
    guard isStopping, phase != .over, !walks.contains(where: \.isChangingTheWorld) else { return }
    phase = .over
    actions.append(.halt)
  }

  /// Nobody can tell whether the step happened: a person has to say how to go on.
  mutating func block(_ place: Int, _ reason: String, at now: Timestamp) {
    walks[place].activity = .idle
    let walk = walks[place]
    let failure = RunFailure(application: walk.id, step: walk.step?.name, reason: reason)
    record(.applicationState(application: walk.id, .blocked, failure), at: now)
    if state != .blocked { record(.runState(.blocked, failure), at: now) }
  }
}

extension ApplicationWalk {
  /// The run may not end before this is over.
  fileprivate var isBusy: Bool {
    if case .failing = activity { return true }
    return activity.isEffect
  }

  fileprivate var isChangingTheWorld: Bool {
    if case .hook = activity { return false }
    return activity.isEffect
  }
}
