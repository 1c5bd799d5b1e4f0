import Concurrency
package import JSON
import Store

extension WaitingReason {
  func write(to body: inout JSONObject) {
    body["step"] = step.map { .string($0) }
    body["since"] = .string(since.description)
    body["until"] = until.map { .string($0.description) }
    body["cause"] = .string(cause.name)
    body["detail"] = cause.detail
  }

  /// As the API shows it: when, the cause's name and detail, and the sentence.
  package var json: JSON {
    var body: JSONObject = [:]
    write(to: &body)
    body["sentence"] = .string(sentence)
    return .object(body)
  }
}

extension WaitingReason.Cause {
  /// What the sentence is made of: a text, a list of texts, or an object; `nil` where the name says all.
  var detail: JSON? {
    switch self {
    case .dependencies(let texts), .deploymentLocked(let texts), .offers(let texts):
      .array(texts.map { .string($0) })
    case .lock(let run, let user, let since):
      ["run": .integer(run.number), "user": .string(user), "since": .string(since.description)]
    case .clusterUnavailable(let text), .storeUnavailable(let text), .backoff(let text), .starting(let text),
      .healthCheck(let text), .crashing(let text), .settling(let text), .stopping(let text), .decision(let text),
      .call(let text), .approval(let text):
      .string(text)
    case .hook, .task: nil
    }
  }

  init?(name: String, detail: JSON?) {
    let text = detail?.stringValue ?? ""
    let texts = detail?.arrayValue?.compactMap(\.stringValue) ?? []
    switch name {
    case "dependencies": self = .dependencies(texts)
    case "deployment_locked": self = .deploymentLocked(texts)
    case "offers": self = .offers(texts)
    case "lock":
      guard let run = detail?["run"]?.intValue, let since = Timestamp(detail?["since"]?.stringValue ?? "") else {
        return nil
      }
      self = .lock(run: RunID(Int64(run)), user: detail?["user"]?.stringValue ?? "", since: since)
    case "cluster_unavailable": self = .clusterUnavailable(text)
    case "store_unavailable": self = .storeUnavailable(text)
    case "backoff": self = .backoff(text)
    case "starting": self = .starting(text)
    case "health_check": self = .healthCheck(text)
    case "crashing": self = .crashing(text)
    case "settling": self = .settling(text)
    case "stopping": self = .stopping(text)
    case "decision": self = .decision(text)
    case "hook": self = .hook
    case "call": self = .call(text)
    case "approval": self = .approval(text)
    case "task": self = .task
    default: return nil
    }
  }
}
