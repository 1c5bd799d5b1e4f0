import Concurrency
import JSON
import ScriptHost

/// What a script has called so far, as the journal has it: a script that is run again from its start gets the same answers in the same order,
/// and may not ask for anything else.
struct CallHistory: Sendable {
  struct Answered: Sendable, Hashable {
    var record: CallRecord
    var answer: HostAnswer
    var at: Timestamp
  }

  enum Verdict: Sendable, Hashable {
    /// It was called before, and its answer is recorded.
    case answered(HostAnswer, at: Timestamp)
    /// No answer to it is recorded.
    case new
    /// It is not what was called before; the sentence shows both.
    case diverged(String)
  }

  /// What a script gets that waits for the answer to any of its open calls.
  enum Turn: Sendable, Hashable {
    case answered(number: Int, HostAnswer, at: Timestamp)
    /// All recorded answers have been given.
    case new
    case diverged(String)
  }

  private var answered: [Int: Answered] = [:]
  /// Numbers of the recorded answers in the order in which they came, and how many of them the script has got.
  private var order: [Int] = []
  private var given = 0
  /// The calls whose intent has no outcome.
  private var open: [Int: CallRecord] = [:]
  private var calls = 0

  /// Takes an entry of the journal, of the step and attempt that the script runs for.
  mutating func take(_ entry: JournalEntry, at instant: Timestamp) {
    switch entry {
    case .called(_, let record):
      open[record.number] = record
    case .answered(_, let record, let answer):
      take(Answered(record: record, answer: answer, at: instant))
    case .logged(_, let record, _, _):
      take(Answered(record: record, answer: .result(.null), at: instant))
    default: break
    }
  }

  private mutating func take(_ former: Answered) {
    open[former.record.number] = nil
    if answered.updateValue(former, forKey: former.record.number) == nil { order.append(former.record.number) }
  }

  /// Judges the script's next journaled call, for whose answer it waits before it does anything else.
  mutating func judge(_ call: ScriptCall) -> Verdict {
    if let difference = count(call) { return .diverged(difference) }
    guard given < order.count else { return .new }
    let next = order[given]
    guard next == call.number, let former = answered[next] else {
      return .diverged("\(sentence(of: next)) was answered before; now \(call.record.sentence) is waited for alone")
    }
    given += 1
    return .answered(former.answer, at: former.at)
  }

  /// Judges the script's next journaled call, which a branch makes. Its answer comes with `turn`.
  /// - Returns: what makes it another call than the recorded one.
  mutating func begin(_ call: ScriptCall) -> String? { count(call) }

  /// The answer that the script got next, before.
  mutating func turn() -> Turn {
    guard given < order.count else { return .new }
    let next = order[given]
    guard next <= calls, let former = answered[next] else {
      return .diverged("\(sentence(of: next)) was made before; now the script waits without it")
    }
    given += 1
    return .answered(number: next, former.answer, at: former.at)
  }

  /// The number of the next call.
  var next: Int { calls + 1 }

  /// Whether anything is recorded, so that the script is run again.
  var isEmpty: Bool { answered.isEmpty && open.isEmpty }

  /// What is recorded of a call, with its answer or without.
  func record(of number: Int) -> CallRecord? { answered[number]?.record ?? open[number] }

  /// Whether the answer to a call is one of those that are given from here.
  func hasAnswer(to number: Int) -> Bool { answered[number] != nil }

  /// The calls whose answers are.
  var answeredCalls: Set<Int> { Set(answered.keys) }

  /// What a script has left out that ended before all that is recorded of it was called again; nil if it left out nothing.
  var leftOut: String? {
    let missing = (answered.keys.filter { $0 > calls } + open.keys.filter { $0 > calls }).min()
    return missing.map { "\(sentence(of: $0)) was made before, and the script now ends without it" }
  }

  /// - Returns: what makes it another call than the recorded one of this number.
  private mutating func count(_ call: ScriptCall) -> String? {
    calls += 1
    guard let former = record(of: calls), !former.isSame(as: call.record) else { return nil }
    return former.difference(from: call.record)
  }

  private func sentence(of number: Int) -> String {
    record(of: number)?.sentence ?? "call \(number)"
  }
}

extension CallRecord {
  /// Both calls, for people.
  func difference(from now: CallRecord) -> String {
    let looksTheSame = function == now.function && arguments == now.arguments
    return "\(sentence) was made before; now it is \(now.function) \(now.arguments)"
      + (looksTheSame ? " with a value that differs" : "")
  }
}
