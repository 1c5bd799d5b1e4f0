import Concurrency
import Crypto
import JSON
import ScriptHost

/// A script's call of a host function, its arguments checked.
struct ScriptCall: Sendable, Hashable {
  /// In normal form.
  let arguments: JSONObject
  var record: CallRecord

  /// From 1, counting those that are journaled.
  var number: Int { record.number }
  /// Its dotted name.
  var function: String { record.function }

  /// - Parameter cpu: what the script has used when it makes the call.
  init(number: Int, function: String, arguments: JSONObject, cpu: Duration = .zero) {
    self.arguments = arguments
    let text = JSON.object(arguments).canonical.text
    let shown = HostFunctions.named(function)?.shown(arguments) ?? text
    record = CallRecord(
      number: number, function: function, application: ScriptedWork(rawValue: function)?.target(arguments),
      digest: hex(Digest.sha256(Array(text.utf8))),
      arguments: shown.utf8.count <= CallRecord.argumentsLimit
        ? shown : shown.prefix(CallRecord.argumentsLimit) + "…",
      cpu: cpu)
  }
}

/// A call as the journal has it: enough to know it again, and to show it.
struct CallRecord: Sendable, Hashable {
  /// Bytes of the arguments that are kept to be shown.
  static let argumentsLimit = 400

  var number: Int
  var function: String
  /// The id on the cluster of the application that the call works on.
  var application: String?
  /// SHA-256 of the arguments' canonical JSON, in hex.
  var digest: String
  /// The beginning of the arguments as people may see them.
  var arguments: String
  /// The CPU time that the script had used when it made the call; nil in journals that have no figures.
  var cpu: Duration?
  /// CPU time of the run's replays that no entry before has.
  var replayed = Duration.zero

  /// Whether the other is the same call, repeated.
  func isSame(as other: CallRecord) -> Bool {
    number == other.number && function == other.function && digest == other.digest
  }

  /// `marathon.deploy /web`
  var summary: String { "\(function) \(application ?? arguments)" }

  /// `call 7, marathon.deploy {"id":"a"}`
  var sentence: String { "call \(number), \(function) \(arguments)" }
}
