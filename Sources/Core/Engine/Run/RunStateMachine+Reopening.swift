import Concurrency
import StackModel
import Store

/// A run that has failed goes on, because a person wants it to.
extension RunStateMachine {
  /// Whether a step of it has failed, and not the run as a whole.
  var hasFailedStep: Bool { walks.contains { $0.state == .failed && $0.caller == nil } }

  /// What failed is done again, or left out; what was under way when the run ended goes on, as after a restart of the server. What was done stays done.
  mutating func reopen(_ decision: ResumeDecision, at now: Timestamp) {
    state = .queued
    failure = nil
    firstFailure = nil
    endedAt = nil
    reopenedAt = now
    replayed = .zero
    let until = now + plan.maxWait
    // What a script has called for belongs to the attempt that it was called in.
    for place in walks.indices where walks[place].caller == nil { walks[place].reopen(decision, until: until) }
    for place in walks.indices where isCalledFor(by: walks[place].caller) {
      walks[place].reopen(decision, until: until)
    }
  }

  /// Whether the script that made the call goes on where it was.
  private func isCalledFor(by caller: ScriptedCaller?) -> Bool {
    guard let caller, let place = places[caller.application] else { return false }
    return walks[place].state == .running && walks[place].isInScript && walks[place].reference == caller.step
  }
}

extension ApplicationWalk {
  fileprivate mutating func reopen(_ decision: ResumeDecision, until: Timestamp) {
    switch state {
    case .failed where caller != nil: return
    case .failed:
      switch decision {
      case .retryStep: beginAgain()
      case .skipStep: enterStep(position + 1)
      }
    case .stopped: goOn(until: until)
    case .pending, .running, .done, .skipped, .blocked: return
    }
    state = .running
    failure = nil
    endedAt = nil
  }

  private mutating func goOn(until: Timestamp) {
    switch stage {
    // Its hook was ended with the run, or is known to nobody any more.
    case .intended(.hook), .intended(.task), .fresh, .begun: beginAgain()
    // A change is asked about, a script goes on where it was.
    case .intended(.change), .intended(.script): self.until = self.until.map { max($0, until) }
    }
  }

  private mutating func beginAgain() {
    let next = attempt + 1
    enterStep(position)
    attempt = next
  }
}
