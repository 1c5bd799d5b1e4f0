import JSON
import ScriptHost
import StackModel

/// What a script's call does to one application on the cluster. It is walked like an application of the stack, so that it is
/// decided, journaled and settled in the same way.
enum ScriptedWork: String, Sendable, Hashable {
  case deploy = "marathon.deploy"
  case scale = "marathon.scale"
  case restart = "marathon.restart"
  case destroy = "marathon.destroy"
  case waitHealthy = "wait_healthy"

  var steps: [Step] {
    switch self {
    case .deploy, .scale, .restart: [.launch]
    case .destroy: Step.removal
    case .waitHealthy: [.healthy]
    }
  }

  var isChange: Bool { self != .waitHealthy }

  /// The id on the cluster of the application that a call names.
  func target(_ arguments: JSONObject) -> String? {
    let id = self == .deploy ? arguments["spec"]?["id"]?.stringValue : arguments.string("app")
    guard let id, !clusterID(of: id).dropFirst().isEmpty else { return nil }
    return clusterID(of: id)
  }

  /// The definition that a script's application gets on the cluster: as the script has it, with the stack's labels.
  static func definition(_ spec: JSON, id: String, stack: String, zone: String) -> JSON {
    var body = spec.objectValue ?? [:]
    body["id"] = .string(id)
    var labels = body["labels"]?.objectValue ?? [:]
    labels["stack"] = .string(stack)
    if !zone.isEmpty { labels["zone"] = .string(zone) }
    body["labels"] = .object(labels)
    return .object(body)
  }
}

/// The call of a script that a walk is for.
struct ScriptedCaller: Sendable, Hashable {
  /// The application whose hook the script is.
  var application: String
  var step: StepReference
  var call: Int
  var work: ScriptedWork

  /// The walk's name in the journal: `web/after_task#3`; `web/after_task.2#3` where the script was begun anew.
  var walk: String { step.attempt == 1 ? "\(step.path)#\(call)" : "\(step.path).\(step.attempt)#\(call)" }
}

extension ScriptedCaller {
  /// `nil` for a call that does nothing to an application.
  init?(_ step: StepReference, _ call: CallRecord) {
    guard let work = ScriptedWork(rawValue: call.function) else { return nil }
    self.init(application: step.application, step: step, call: call.number, work: work)
  }
}
