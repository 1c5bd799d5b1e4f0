import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// Reads the members of one record's body, with errors that name the record and the member.
struct JournalReader {
  let record: JournalRecord

  init(_ record: JournalRecord) {
    self.record = record
  }

  private func malformed(_ name: String) -> JournalFormatError {
    .malformed("entry \(record.sequence) (\(record.kind)) has no proper \(name)")
  }

  func string(_ name: String) throws(JournalFormatError) -> String {
    guard let text = record.body[name]?.stringValue else { throw malformed(name) }
    return text
  }

  func text(_ name: String) -> String? { record.body[name]?.stringValue }

  func integer(_ name: String) throws(JournalFormatError) -> Int {
    guard let number = record.body[name]?.intValue else { throw malformed(name) }
    return number
  }

  func choice<Choice: RawRepresentable<String>>(_ name: String) throws(JournalFormatError) -> Choice {
    guard let choice = Choice(rawValue: try string(name)) else { throw malformed(name) }
    return choice
  }

  func timestamp(_ name: String) throws(JournalFormatError) -> Timestamp? {
    guard let text = text(name) else { return nil }
    guard let instant = Timestamp(text) else { throw malformed(name) }
    return instant
  }

  func map(_ name: String) throws(JournalFormatError) -> OrderedMap<String> {
    guard let object = record.body[name]?.objectValue else { throw malformed(name) }
    var map: OrderedMap<String> = [:]
    for (key, value) in object {
      guard let text = value.stringValue else { throw malformed(name) }
      map[key] = text
    }
    return map
  }

  func failure(_ name: String) throws(JournalFormatError) -> RunFailure? {
    guard let object = record.body[name] else { return nil }
    guard let reason = object["reason"]?.stringValue else { throw malformed(name) }
    var failure = RunFailure(
      application: object["application"]?.stringValue, step: object["step"]?.stringValue, reason: reason,
      logTail: object["log_tail"]?.stringValue, originalText: object["original_text"]?.stringValue,
      cause: object["cause"]?.stringValue.flatMap(RunFailure.Cause.init(rawValue:)))
    failure.call = object["call"]?.intValue
    return failure
  }

  func step() throws(JournalFormatError) -> StepReference {
    guard let step = Step(name: try string("step")) else { throw malformed("step") }
    return StepReference(application: try string("application"), step: step, attempt: try integer("attempt"))
  }

  func intent() throws(JournalFormatError) -> JournalEntry.Intent {
    if let key = text("hook") { return .hook(HookKey(text: key)) }
    if record.body["task"] != nil { return .task }
    if let context = record.body["script"] { return .script(context) }
    return .change(
      .init(
        kind: try choice("change"), definition: record.body["definition"] ?? .null, digest: try string("digest"),
        versionBefore: text("version_before")))
  }

  func call() throws(JournalFormatError) -> CallRecord {
    CallRecord(
      number: try integer("call"), function: try string("function"), application: text("target"),
      digest: try string("digest"),
      arguments: try string("arguments"), cpu: microseconds("cpu_us"), replayed: microseconds("replayed_us") ?? .zero)
  }

  private func microseconds(_ name: String) -> Duration? {
    record.body[name]?.intValue.map { .microseconds($0) }
  }

  func answer() throws(JournalFormatError) -> HostAnswer {
    guard let answer = HostAnswer(json: record.body) else { throw malformed("answer") }
    return answer
  }

  func outcome() throws(JournalFormatError) -> JournalEntry.Outcome {
    switch try string("outcome") {
    case "succeeded":
      return .succeeded(
        .init(
          change: text("change").flatMap(ApplicationStatus.Change.init), deployment: text("deployment"),
          version: text("version"), isSettled: record.body["settled"]?.boolValue ?? false,
          endpoint: text("endpoint"), instances: instances(), output: text("output")))
    case "repeated": return .notPerformed(try string("reason"))
    case "in_doubt": return .undecided(try string("reason"))
    case "failed":
      guard let failure = try failure("failure") else { throw malformed("failure") }
      return .failed(failure)
    case "skipped": return .skipped
    default: throw malformed("outcome")
    }
  }

  /// Releases before this one have not written them.
  private func instances() -> ApplicationStatus.Instances? {
    let body = record.body["instances"]
    guard let wanted = body?["wanted"]?.intValue, let running = body?["running"]?.intValue else { return nil }
    return .init(wanted: wanted, running: running, healthy: body?["healthy"]?.intValue)
  }

  func removals() throws(JournalFormatError) -> [JournalEntry.Removal] {
    guard let list = record.body["applications"]?.arrayValue else { throw malformed("applications") }
    var removals: [JournalEntry.Removal] = []
    for item in list {
      guard let application = item["application"]?.stringValue, let after = item["after"]?.arrayValue else {
        throw malformed("applications")
      }
      removals.append(.init(application: application, after: after.compactMap(\.stringValue)))
    }
    return removals
  }

  func waiting() throws(JournalFormatError) -> WaitingReason {
    guard let since = try timestamp("since"),
      let cause = WaitingReason.Cause(name: try string("cause"), detail: record.body["detail"])
    else { throw malformed("cause") }
    return WaitingReason(step: text("step"), since: since, until: try timestamp("until"), cause: cause)
  }
}
