import Concurrency
import JSON
import ScriptHost
import StackModel
package import Store

extension RunEvent {
  init(waiting reason: WaitingReason, application: String?, run: RunID, sequence: Int64?, at instant: Timestamp) {
    self.init(
      run: run, sequence: sequence, at: instant, kind: .waiting, application: application, step: reason.step,
      sentence: reason.sentence, data: reason.json)
  }

  /// `nil` for an entry that this release does not know.
  package init?(_ record: JournalRecord, of run: RunID) {
    guard let entry = try? JournalEntry(record) else { return nil }
    self.init(entry, of: run, sequence: record.sequence, at: record.at)
  }

  init(_ entry: JournalEntry, of run: RunID, sequence: Int64, at instant: Timestamp) {
    if case .waiting(let application, let reason) = entry {
      self.init(waiting: reason, application: application, run: run, sequence: sequence, at: instant)
      return
    }
    self.init(
      run: run, sequence: sequence, at: instant, kind: entry.eventKind, application: entry.application,
      step: entry.stepName, sentence: entry.sentence, data: .object(entry.eventData))
    if case .outcome(let reference, _) = entry {
      switch reference.step {
      case .hook, .run: hook = HookKey(run: run, reference)
      default: break
      }
    }
  }

  /// The end of what the step wrote that has ended: a hook's output, or the log of a failed application's task.
  package var output: String? {
    data["output"]?.stringValue ?? data["failure"]?["log_tail"]?.stringValue
  }
}

extension JournalEntry {
  fileprivate var eventKind: RunEvent.Kind {
    switch self {
    case .accepted: .accepted
    case .runState: .runState
    case .cluster, .removals, .intent(_, .change): .information
    case .applicationState: .applicationState
    case .began, .intent: .stepStarted
    case .outcome: .stepEnded
    case .called, .answered: .call
    case .logged: .log
    case .variables: .variables
    case .waiting: .waiting
    case .cancelRequested: .cancelRequested
    case .resumed: .resumed
    }
  }

  fileprivate var application: String? {
    switch self {
    case .applicationState(let application, _, _), .variables(let application, _): application
    case .began(let step, _), .intent(let step, _), .outcome(let step, _), .called(let step, _),
      .answered(let step, _, _),
      .logged(let step, _, _, _):
      step.application
    case .resumed(let step, _, _): step?.application
    case .waiting(let application, _): application
    case .accepted, .runState, .cluster, .removals, .cancelRequested: nil
    }
  }

  fileprivate var stepName: String? {
    switch self {
    case .began(let step, _), .intent(let step, _), .outcome(let step, _), .called(let step, _),
      .answered(let step, _, _),
      .logged(let step, _, _, _):
      step.step.name
    case .resumed(let step, _, _): step?.step.name
    case .applicationState(_, _, let failure): failure?.step
    default: nil
    }
  }

  fileprivate var sentence: String {
    switch self {
    case .accepted(let user): return user.isEmpty ? "accepted" : "accepted from \(user)"
    case .runState(let state, let failure): return failure.map { "\(state.rawValue): \($0)" } ?? state.rawValue
    case .cluster(let fact): return "works on cluster \(fact.id), version \(fact.version)"
    case .removals(let removals):
      return removals.isEmpty ? "nothing to remove" : "removes \(removals.map(\.application).joined(separator: ", "))"
    case .applicationState(_, let state, let failure):
      return failure.map { "\(state.rawValue): \($0.reason)" } ?? state.rawValue
    case .began(let step, _): return step.step.name
    case .intent(let step, .hook), .intent(let step, .script), .intent(let step, .task): return step.step.name
    case .intent(_, .change(let change)):
      switch change.kind {
      case .create: return "creates it on the cluster"
      case .update: return "updates it on the cluster"
      case .adopt: return "takes it over as it is"
      case .restart: return "restarts it on the cluster"
      case .destroy: return "removes it from the cluster"
      }
    case .outcome(let step, .succeeded(let success)):
      return success.change?.rawValue ?? "\(step.step.name) done"
    case .outcome(let step, .notPerformed(let reason)): return "\(step.step.name) is tried again: \(reason)"
    case .outcome(let step, .undecided(let reason)): return "\(step.step.name) is in doubt: \(reason)"
    case .outcome(_, .failed(let failure)): return failure.reason
    case .outcome(let step, .skipped): return "\(step.step.name) skipped"
    case .called(_, let call): return "calls \(call.summary)"
    case .answered(_, let call, .result(let answer)) where call.function == "approval":
      return "\(call.summary) approved by \(answer["by"]?.stringValue ?? "someone")"
    case .answered(_, let call, .result): return "\(call.summary) done"
    case .answered(_, let call, .failure(let failure)): return "\(call.summary) failed: \(failure.message)"
    case .logged(_, _, _, let line): return line
    case .variables(_, let variables): return "sets \(variables.keys.joined(separator: ", "))"
    case .waiting(_, let reason): return reason.sentence
    case .cancelRequested(let user): return user.isEmpty ? "cancel requested" : "\(user) cancels the run"
    case .resumed(let step, let decision, let user):
      let what = step.map { "\($0.application) \($0.step.name)" } ?? "the run"
      return "\(user.isEmpty ? "someone" : user) resumes \(what): \(decision.rawValue)"
    }
  }

  fileprivate var eventData: JSONObject {
    var data: JSONObject = [:]
    switch self {
    case .accepted(let user), .cancelRequested(let user): data["by"] = .string(user)
    case .runState(let state, let failure):
      data["state"] = .string(state.rawValue)
      data["failure"] = failure?.json
    case .cluster(let fact):
      data["cluster"] = .string(fact.id)
      data["version"] = .string(fact.version)
    case .removals(let removals): data["applications"] = .array(removals.map { .string($0.application) })
    case .applicationState(_, let state, let failure):
      data["state"] = .string(state.rawValue)
      data["failure"] = failure?.json
    case .began(let step, let until):
      data["attempt"] = .integer(Int64(step.attempt))
      data["until"] = until.map { .string($0.description) }
    case .intent(let step, let intent):
      data["attempt"] = .integer(Int64(step.attempt))
      if case .change(let change) = intent {
        data["change"] = .string(change.kind.rawValue)
        data["digest"] = .string(change.digest)
        data["version_before"] = change.versionBefore.map { .string($0) }
      }
    case .outcome(let step, let outcome):
      data["attempt"] = .integer(Int64(step.attempt))
      data["outcome"] = .string(outcome.name)
      switch outcome {
      case .succeeded(let success):
        data["change"] = success.change.map { .string($0.rawValue) }
        data["deployment"] = success.deployment.map { .string($0) }
        data["version"] = success.version.map { .string($0) }
        data["endpoint"] = success.endpoint.map { .string($0) }
        data["output"] = success.output.map { .string($0) }
        if success.isSettled { data["settled"] = true }
      case .notPerformed(let reason), .undecided(let reason): data["reason"] = .string(reason)
      case .failed(let failure): data["failure"] = failure.json
      case .skipped: break
      }
    case .called(let step, let call):
      data["attempt"] = .integer(Int64(step.attempt))
      data.write(call)
    case .answered(let step, let call, let answer):
      data["attempt"] = .integer(Int64(step.attempt))
      data.write(call)
      // What came back may be large and is the script's business; why it failed is everybody's.
      if case .failure = answer { data["error"] = answer.json["error"] }
    case .logged(_, let call, let level, _):
      data["call"] = .integer(Int64(call.number))
      data["level"] = .string(level)
    case .variables(_, let variables):
      data["variables"] = .object(JSONObject(variables.map { ($0.key, .string($0.value)) }))
    case .waiting: break
    case .resumed(_, let decision, let user):
      data["decision"] = .string(decision.rawValue)
      data["by"] = .string(user)
    }
    return data
  }
}

extension JSONObject {
  fileprivate mutating func write(_ call: CallRecord) {
    self["call"] = .integer(Int64(call.number))
    self["function"] = .string(call.function)
    self["arguments"] = .string(call.arguments)
  }
}
