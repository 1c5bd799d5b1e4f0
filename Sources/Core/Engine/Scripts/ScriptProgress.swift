import Concurrency

/// How far the journal says that a script is.
struct ScriptProgress: Sendable, Hashable {
  /// Bytes of its log's end that are kept.
  static let outputLimit = 4 << 10

  /// All that the journal has of its calls has a higher sequence.
  private(set) var journaledAfter: Int64 = 0
  /// The number of the last call.
  private(set) var calls = 0
  /// The intents without an outcome by the numbers of their calls. Each is in doubt unless it is being performed.
  private(set) var open: [Int: OpenCall] = [:]
  /// All calls up to this one have an answer.
  private var answeredUpTo = 0
  /// The others that have one.
  private var answeredBeyond: Set<Int> = []
  /// The end of what it has logged.
  private(set) var output = ""

  struct OpenCall: Sendable, Hashable {
    var record: CallRecord
    var since: Timestamp
  }

  func hasAnswer(to number: Int) -> Bool { number <= answeredUpTo || answeredBeyond.contains(number) }

  mutating func begin(after sequence: Int64) { journaledAfter = sequence }

  mutating func call(_ record: CallRecord, at now: Timestamp) {
    calls = max(calls, record.number)
    open[record.number] = OpenCall(record: record, since: now)
  }

  mutating func answer(_ number: Int) {
    calls = max(calls, number)
    open[number] = nil
    answeredBeyond.insert(number)
    while answeredBeyond.remove(answeredUpTo + 1) != nil { answeredUpTo += 1 }
  }

  /// The call is made again, as if it had not been made.
  mutating func forget(_ number: Int) { open[number] = nil }

  mutating func log(_ line: String) {
    output += line + "\n"
    if output.utf8.count > Self.outputLimit { output = String(output.suffix(Self.outputLimit / 2)) }
  }
}
