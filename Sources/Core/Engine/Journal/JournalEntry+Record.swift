import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// The written form of entries. Names are part of the format: a release reads what the one before wrote.
extension JournalEntry {
  /// The record's `path`: the step, the application, or nothing for the run itself.
  var path: String {
    switch self {
    case .began(let step, _), .intent(let step, _), .outcome(let step, _), .called(let step, _),
      .answered(let step, _, _),
      .logged(let step, _, _, _):
      step.path
    case .resumed(let step, _, _): step?.path ?? ""
    case .applicationState(let application, _, _), .variables(let application, _): application
    case .waiting(let application, let reason):
      application.map { id in reason.step.map { "\(id)/\($0)" } ?? id } ?? ""
    case .accepted, .runState, .cluster, .removals, .cancelRequested: ""
    }
  }

  var kind: String {
    switch self {
    case .accepted: "accepted"
    case .runState: "run_state"
    case .cluster: "cluster"
    case .removals: "removals"
    case .applicationState: "application_state"
    case .began: "began"
    case .intent: "intent"
    case .outcome: "outcome"
    case .called: "called"
    case .answered: "answered"
    case .logged: "logged"
    case .variables: "variables"
    case .waiting: "waiting"
    case .cancelRequested: "cancel_requested"
    case .resumed: "resumed"
    }
  }

  func record(sequence: Int64, at instant: Timestamp) -> JournalRecord {
    JournalRecord(sequence: sequence, at: instant, path: path, kind: kind, body: .object(body))
  }

  private var body: JSONObject {
    var body: JSONObject = [:]
    switch self {
    case .accepted(let user):
      body["format"] = .integer(Int64(Self.format))
      body["by"] = .string(user)
    case .runState(let state, let failure):
      body["state"] = .string(state.rawValue)
      body["failure"] = failure?.json
    case .cluster(let fact):
      body["id"] = .string(fact.id)
      body["version"] = .string(fact.version)
      body["mesos_master"] = fact.mesosMaster.map { .string($0) }
    case .removals(let removals):
      body["applications"] = .array(
        removals.map { ["application": .string($0.application), "after": .array($0.after.map { .string($0) })] })
    case .applicationState(let application, let state, let failure):
      body["application"] = .string(application)
      body["state"] = .string(state.rawValue)
      body["failure"] = failure?.json
    case .began(let step, let until):
      body.write(step)
      body["until"] = until.map { .string($0.description) }
    case .intent(let step, let intent):
      body.write(step)
      intent.write(to: &body)
    case .outcome(let step, let outcome):
      body.write(step)
      outcome.write(to: &body)
    case .called(let step, let call):
      body.write(step)
      call.write(to: &body)
    case .answered(let step, let call, let answer):
      body.write(step)
      call.write(to: &body)
      for (name, value) in answer.json { body[name] = value }
    case .logged(let step, let call, let level, let line):
      body.write(step)
      call.write(to: &body)
      body["level"] = .string(level)
      body["line"] = .string(line)
    case .variables(let application, let variables):
      body["application"] = .string(application)
      body["variables"] = .object(JSONObject(variables.map { ($0.key, .string($0.value)) }))
    case .waiting(let application, let reason):
      body["application"] = application.map { .string($0) }
      reason.write(to: &body)
    case .cancelRequested(let user):
      body["by"] = .string(user)
    case .resumed(let step, let decision, let user):
      if let step { body.write(step) }
      body["decision"] = .string(decision.rawValue)
      body["by"] = .string(user)
    }
    return body
  }

  /// - Throws: `JournalFormatError` where the record is not one that this release writes.
  init(_ record: JournalRecord) throws(JournalFormatError) {
    let reader = JournalReader(record)
    switch record.kind {
    case "accepted":
      let format = try reader.integer("format")
      guard format <= Self.format else { throw .newer(format) }
      self = .accepted(by: try reader.string("by"))
    case "run_state":
      self = .runState(try reader.choice("state"), try reader.failure("failure"))
    case "cluster":
      self = .cluster(
        .init(
          id: try reader.string("id"), version: try reader.string("version"),
          mesosMaster: record.body["mesos_master"]?.stringValue))
    case "removals":
      self = .removals(try reader.removals())
    case "application_state":
      self = .applicationState(
        application: try reader.string("application"), try reader.choice("state"), try reader.failure("failure"))
    case "began":
      self = .began(try reader.step(), until: try reader.timestamp("until"))
    case "intent":
      self = .intent(try reader.step(), try reader.intent())
    case "outcome":
      self = .outcome(try reader.step(), try reader.outcome())
    case "called":
      self = .called(try reader.step(), try reader.call())
    case "answered":
      self = .answered(try reader.step(), try reader.call(), try reader.answer())
    case "logged":
      self = .logged(
        try reader.step(), try reader.call(), level: try reader.string("level"), try reader.string("line"))
    case "variables":
      self = .variables(application: try reader.string("application"), try reader.map("variables"))
    case "waiting":
      self = .waiting(application: record.body["application"]?.stringValue, try reader.waiting())
    case "cancel_requested":
      self = .cancelRequested(by: try reader.string("by"))
    case "resumed":
      let step = record.body["step"] == nil ? nil : try reader.step()
      self = .resumed(step, try reader.choice("decision"), by: try reader.string("by"))
    default:
      throw .malformed("entry \(record.sequence) has the unknown kind \(record.kind)")
    }
  }
}

/// Why a journal cannot be read.
enum JournalFormatError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Written by a newer release.
  case newer(Int)
  case malformed(String)

  var description: String {
    switch self {
    case .newer(let format):
      "its journal has format \(format), and this release reads up to \(JournalEntry.format): "
        + "go on with the release that wrote it, or cancel the run"
    case .malformed(let text): "its journal cannot be read: \(text)"
    }
  }
}

extension StepReference {
  var path: String { "\(application)/\(step.name)" }
}

extension JSONObject {
  fileprivate mutating func write(_ step: StepReference) {
    self["application"] = .string(step.application)
    self["step"] = .string(step.step.name)
    self["attempt"] = .integer(Int64(step.attempt))
  }
}

extension RunFailure {
  var json: JSON {
    var object: JSONObject = ["reason": .string(reason)]
    object["application"] = application.map { .string($0) }
    object["step"] = step.map { .string($0) }
    object["log_tail"] = logTail.map { .string($0) }
    object["original_text"] = originalText.map { .string($0) }
    object["cause"] = cause.map { .string($0.rawValue) }
    object["call"] = call.map { .integer(Int64($0)) }
    return .object(object)
  }
}

extension JournalEntry.Intent {
  fileprivate func write(to body: inout JSONObject) {
    switch self {
    case .change(let change):
      body["change"] = .string(change.kind.rawValue)
      body["definition"] = change.definition
      body["digest"] = .string(change.digest)
      body["version_before"] = change.versionBefore.map { .string($0) }
    case .hook(let key): body["hook"] = .string(key.text)
    case .script(let context): body["script"] = context
    case .task: body["task"] = true
    }
  }
}

extension CallRecord {
  fileprivate func write(to body: inout JSONObject) {
    body["call"] = .integer(Int64(number))
    body["function"] = .string(function)
    body["target"] = application.map { .string($0) }
    body["digest"] = .string(digest)
    body["arguments"] = .string(arguments)
    body["cpu_us"] = cpu.map { .integer($0.wholeMicroseconds) }
    if replayed > .zero { body["replayed_us"] = .integer(replayed.wholeMicroseconds) }
  }
}

extension JournalEntry.Outcome {
  /// The word in the journal and in events.
  var name: String {
    switch self {
    case .succeeded: "succeeded"
    case .notPerformed: "repeated"
    case .undecided: "in_doubt"
    case .failed: "failed"
    case .skipped: "skipped"
    }
  }

  fileprivate func write(to body: inout JSONObject) {
    body["outcome"] = .string(name)
    switch self {
    case .succeeded(let success):
      body["change"] = success.change.map { .string($0.rawValue) }
      body["deployment"] = success.deployment.map { .string($0) }
      body["version"] = success.version.map { .string($0) }
      if success.isSettled { body["settled"] = true }
      body["endpoint"] = success.endpoint.map { .string($0) }
      body["instances"] = success.instances?.json
      body["output"] = success.output.map { .string($0) }
    case .notPerformed(let reason), .undecided(let reason): body["reason"] = .string(reason)
    case .failed(let failure): body["failure"] = failure.json
    case .skipped: break
    }
  }
}

extension ApplicationStatus.Instances {
  fileprivate var json: JSON {
    var body: JSONObject = ["wanted": .integer(Int64(wanted)), "running": .integer(Int64(running))]
    body["healthy"] = healthy.map { .integer(Int64($0)) }
    return .object(body)
  }
}
