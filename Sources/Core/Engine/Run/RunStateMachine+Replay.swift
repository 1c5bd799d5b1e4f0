import Concurrency
import StackModel
import Store

extension RunStateMachine {
  /// Takes an entry of the journal as it was decided before a restart.
  mutating func replay(_ entry: JournalEntry, sequence: Int64, at instant: Timestamp) {
    self.sequence = sequence
    apply(entry, at: instant)
  }

  /// The one place where durable state changes.
  mutating func apply(_ entry: JournalEntry, at now: Timestamp) {
    switch entry {
    case .accepted:
      isAccepted = true
    case .runState(let state, let failure):
      self.state = state
      self.failure = failure
      if state == .running, startedAt == nil { startedAt = now }
      if state.isFinal {
        endedAt = now
        waiting = nil
      }
    case .cluster(let fact):
      cluster = fact
      setVariable("mesos.master", to: fact.mesosMaster ?? "")
      setVariable("zone", to: plan.zone)
      setVariable("stack", to: plan.stack.name)
    case .removals(let removals):
      knowsRemovals = true
      for removal in removals {
        add(
          ApplicationWalk(
            id: removal.application, clusterID: removal.application, operation: .destroy, template: nil,
            dependencies: removal.after, steps: Step.removal))
      }
    case .applicationState(let id, let state, let failure):
      // What a script has called for is the script's to deal with.
      let isScripted = places[id].map { walks[$0].caller != nil } ?? false
      if state == .failed, firstFailure == nil, !isScripted { firstFailure = failure }
      update(id) { walk in
        walk.state = state
        walk.failure = failure
        if state == .running, walk.startedAt == nil { walk.startedAt = now }
        switch state {
        case .done, .failed, .skipped, .stopped:
          walk.endedAt = now
          walk.waiting = nil
        case .pending, .running, .blocked: break
        }
      }
    case .began(let step, let until):
      update(step) { walk in
        walk.stage = .begun
        walk.until = until
        walk.stepSince = now
      }
    case .intent(let step, let intent):
      let sequence = sequence
      update(step) { walk in
        walk.stage = .intended(intent)
        walk.stepSince = walk.stepSince ?? now
        switch intent {
        case .hook(let key): walk.hookKeys.append(key)
        case .script: walk.script.begin(after: sequence)
        case .change, .task: break
        }
      }
    case .outcome(let step, let outcome):
      update(step) { $0.take(outcome) }
    case .called(let step, let call):
      replayed += call.replayed
      let run = id
      update(step) { walk in
        walk.script.call(call, at: now)
        if call.function == ScriptCall.shell {
          walk.hookKeys.append(HookKey(run: run, step, call: call.number, since: now))
        }
      }
      if let caller = ScriptedCaller(step, call), let target = call.application { add(caller, target) }
    case .answered(let step, let call, _):
      // The entry of its intent has it already.
      if places[step.application].map({ walks[$0].script.open[call.number] == nil }) ?? false {
        replayed += call.replayed
      }
      update(step) { $0.script.answer(call.number) }
    case .logged(let step, let call, _, let line):
      replayed += call.replayed
      update(step) { walk in
        walk.script.answer(call.number)
        walk.script.log(line)
      }
    case .variables(_, let added):
      for (name, value) in added { setVariable(name, to: value) }
    case .waiting(let id, _):
      if let id { update(id) { $0.waitingNotes += 1 } }
    case .cancelRequested(let user):
      cancelledBy = user
    case .resumed(nil, let decision, _):
      // Of a blocked run nothing but the cluster was in question.
      if state == .failed { reopen(decision, at: now) }
    case .resumed(let step?, let decision, _):
      if decision == .retryStep { forgetOpenChange(of: step) }
      update(step) { walk in
        let failure = walk.failure
        walk.failure = nil
        walk.state = .running
        switch decision {
        // A script goes on where it was. The call that the person has decided about is made again; others that are open are taken up.
        case .retryStep where walk.isInScript:
          if let call = failure?.call { walk.script.forget(call) }
        case .retryStep:
          walk.attempt += 1
          walk.stage = .fresh
          walk.stepSince = nil
        case .skipStep:
          walk.enterStep(walk.position + 1)
        }
      }
    }
  }

  /// What a script's call has left in doubt that the person has decided about no longer counts: it is going to be decided anew.
  private mutating func forgetOpenChange(of step: StepReference) {
    guard let place = places[step.application], let number = walks[place].failure?.call,
      let call = walks[place].script.open[number]?.record, let caller = ScriptedCaller(step, call)
    else { return }
    update(caller.walk) { walk in
      guard walk.state == .running, case .intended(.change) = walk.stage else { return }
      walk.attempt += 1
      walk.stage = .begun
      // Whatever is being asked about it now tells nothing more.
      walk.activity = .idle
      walk.firstRead = nil
    }
  }

  private mutating func add(_ caller: ScriptedCaller, _ target: String) {
    // A call that is made again has its walk already.
    guard places[caller.walk] == nil else { return }
    add(
      ApplicationWalk(
        id: caller.walk, clusterID: target, operation: caller.work == .destroy ? .destroy : .deploy, template: nil,
        dependencies: changes(before: caller, of: target), steps: caller.work.steps, caller: caller))
  }

  /// Branches of a script change an application one after another. Of the calls before the latest one those that are not over
  /// are among what that one waits for, so none of the others has to be looked at, however many there are.
  private func changes(before caller: ScriptedCaller, of target: String) -> [String] {
    guard caller.work.isChange,
      let latest = clusterPlaces[target]?.last(where: { place in
        walks[place].caller?.work.isChange == true && walks[place].caller?.step == caller.step
      })
    else { return [] }
    return (walks[latest].dependencies + [walks[latest].id]).filter { id in
      places[id].map { !walks[$0].isOver } ?? false
    }
  }

  private mutating func update(_ id: String, _ body: (inout ApplicationWalk) -> Void) {
    if let place = places[id] { body(&walks[place]) }
  }

  private mutating func update(_ step: StepReference, _ body: (inout ApplicationWalk) -> Void) {
    guard let place = places[step.application], walks[place].step == step.step else { return }
    walks[place].attempt = step.attempt
    body(&walks[place])
  }
}

extension ApplicationWalk {
  fileprivate mutating func take(_ outcome: JournalEntry.Outcome) {
    switch outcome {
    case .succeeded(let success):
      change = success.change ?? change
      deployment = success.deployment ?? deployment
      endpoint = success.endpoint ?? endpoint
      instances = success.instances ?? instances
      enterStep(position + 1)
    case .notPerformed:
      attempt += 1
      // The wait for this step began with its first attempt.
      stage = .begun
      firstRead = nil
    case .undecided:
      break
    case .failed:
      // Not in doubt any more.
      stage = .begun
    case .skipped:
      enterStep(position + 1)
    }
  }
}
