import Concurrency
import JSON
import ScriptHost

/// What a script has called so far, as the journal has it: a script that is run again from its start gets the same answers,
/// and may not ask for anything else.
struct CallHistory: Sendable {
  struct Answered: Sendable, Hashable {
    var record: CallRecord
    var answer: HostAnswer
    var at: Timestamp
  }

  enum Verdict: Sendable, Hashable {
    /// It was called before, and this was the answer.
    case answered(HostAnswer, at: Timestamp)
    /// Nothing is recorded of it.
    case new
    /// It is not what was called before; the sentence shows both.
    case diverged(String)
  }

  private var answered: [Answered] = []
  /// The call whose intent has no outcome.
  private var open: CallRecord?
  private var calls = 0

  /// Takes an entry of the journal, of the step and attempt that the script runs for.
  mutating func take(_ entry: JournalEntry, at instant: Timestamp) {
    switch entry {
    case .called(_, let record):
      open = record
    case .answered(_, let record, let answer):
      open = nil
      answered.append(Answered(record: record, answer: answer, at: instant))
    case .logged(_, let record, _, _):
      answered.append(Answered(record: record, answer: .result(.null), at: instant))
    default: break
    }
  }

  /// Judges the script's next journaled call.
  mutating func judge(_ call: ScriptCall) -> Verdict {
    calls += 1
    if answered.count >= calls {
      let former = answered[calls - 1]
      guard former.record.isSame(as: call.record) else { return .diverged(Self.sentence(former.record, call.record)) }
      return .answered(former.answer, at: former.at)
    }
    if let open, answered.count == calls - 1, !open.isSame(as: call.record) {
      return .diverged(Self.sentence(open, call.record))
    }
    return .new
  }

  /// The number of the next call.
  var next: Int { calls + 1 }

  /// What a script has left out that ended before all that is recorded of it was called again; nil if it left out nothing.
  var leftOut: String? {
    let former = answered.count > calls ? answered[calls].record : answered.count == calls ? open : nil
    return former.map { "\($0.sentence) was made before, and the script now ends without it" }
  }

  private static func sentence(_ former: CallRecord, _ now: CallRecord) -> String {
    let looksTheSame = former.function == now.function && former.arguments == now.arguments
    return "\(former.sentence) was made before; now it is \(now.function) \(now.arguments)"
      + (looksTheSame ? " with a value that differs" : "")
  }
}
