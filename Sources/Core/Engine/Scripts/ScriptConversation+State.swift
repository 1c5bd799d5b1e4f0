import Concurrency
import JSON
import ScriptHost

extension ScriptConversation {
  /// What a script has called and got so far, and why nothing more is done for it.
  struct State {
    var history: CallHistory
    var now: Timestamp
    /// It is not the script that the journal tells of: nothing more is done for it.
    var divergence: String?
    /// Calls of branches without an answer: by their number in the journal, the worker's.
    var begun: [Int: Begun] = [:]
    /// Answers to calls of branches that are not journaled.
    var refusals: [BegunAnswer] = []
    /// Where it waits for an answer of the run's with its worker alive: until when, by `uptime`.
    var waitsUntil: Duration?
    /// It is to be run again: nothing more is done for this worker.
    var isSuspended = false
    /// Its worker was wanted by others.
    var hasGivenUp = false
    /// What the script had used when it made its last call.
    var cpu = Duration.zero
    /// What it had used when it got the last recorded answer.
    var replayed = Duration.zero
    /// It has called what is not recorded: from there on it is not run again, but goes on.
    var isAhead = false
    /// Why it may not be run again to its end.
    var excess: String?
    var lead = ScriptLead()
    /// Whether the script waits for those answers themselves.
    var isSettling = false
  }

  struct Begun {
    var number: Int
    var call: ScriptCall
  }

  /// What becomes of a call.
  enum Step {
    case answered(HostAnswer)
    /// The run has to answer it.
    case open(ScriptCall)
  }
}

extension ScriptConversation.State {
  /// Whether the script has an answer already that the run gives.
  mutating func isKnown(_ answer: AnswerQueue.Answer) -> Bool {
    guard lead.end(answer.call) else { return history.hasAnswer(to: answer.call) }
    now = answer.at
    return true
  }

  mutating func suspend() {
    waitsUntil = nil
    isSuspended = true
  }

  /// What every further call gets.
  var refusal: HostAnswer? {
    if isSuspended { return ScriptConversation.cancelled("the script is no longer wanted") }
    return divergence.map { ScriptConversation.cancelled($0) } ?? excess.map { ScriptConversation.exceeded($0) }
  }

  mutating func diverge(_ sentence: String) -> ScriptConversation.Step {
    divergence = divergence ?? sentence
    return .answered(ScriptConversation.cancelled(sentence))
  }

  /// The next answer to a call of a branch, where it need not be waited for.
  mutating func nextKnown() -> BegunAnswer? {
    if !refusals.isEmpty { return refusals.removeFirst() }
    if let refusal { return refuse(refusal) }
    switch history.turn() {
    case .new: return nil
    case .answered(let number, let answer, let instant):
      replayed = cpu
      return give(answer, to: number, at: instant)
    case .diverged(let sentence): return diverge(sentence)
    }
  }

  mutating func give(_ answer: HostAnswer, to number: Int, at instant: Timestamp) -> BegunAnswer? {
    guard let waiting = begun.removeValue(forKey: number) else {
      return diverge("call \(number) was waited for before, and now it is not")
    }
    now = instant
    return BegunAnswer(call: waiting.number, answer: answer)
  }

  private mutating func diverge(_ sentence: String) -> BegunAnswer? {
    divergence = divergence ?? sentence
    return refuse(ScriptConversation.cancelled(sentence))
  }

  private mutating func refuse(_ refusal: HostAnswer) -> BegunAnswer? {
    guard let first = begun.keys.min(), let waiting = begun.removeValue(forKey: first) else { return nil }
    return BegunAnswer(call: waiting.number, answer: refusal)
  }
}
