package import Concurrency
import StackModel

/// An application on the cluster that a script works on: what has become of it, by the script's latest call.
package struct CalledApplicationStatus: Sendable, Hashable {
  /// As the cluster has it: `/web`.
  package var id: String
  /// The name of the script's step: `after_scheduler`, or `run` for a stack's function.
  package var script: String
  /// The function of the host that was called last: `marathon.deploy`, `wait_healthy`.
  package var call: String
  /// Of the latest call. One that failed leaves it to the script to go on.
  package var state: ApplicationStatus.State
  /// What was done to the application, by the latest of the calls that have come so far.
  package var change: ApplicationStatus.Change?
  package var waiting: WaitingReason?
  package var failure: RunFailure?
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  /// As last seen by `wait_healthy`, if that was called last; what was seen before a change is true no longer.
  package var instances: ApplicationStatus.Instances?
  package var endpoint: String?

  /// `created, 2 of 2 instances healthy`, `created; wait_healthy: 0 of 2 instances run`, `scale: …` and why it failed.
  package var sentence: String {
    let waits = call == ScriptedWork.waitHealthy.rawValue
    if state == .done {
      let health = waits ? instances?.sentence ?? "healthy" : nil
      let parts = [change?.rawValue, health].compactMap(\.self)
      return parts.isEmpty ? "done" : parts.joined(separator: ", ")
    }
    let text = failure?.reason ?? waiting?.sentence ?? plain
    // What it has brought about itself says what it is.
    let isRemoved = change == .destroyed || change == .absent
    let isNamed = call != ScriptedWork.destroy.rawValue || !isRemoved
    let name = call.split(separator: ".").last.map(String.init)
    let now = [isNamed ? name : nil, text].compactMap(\.self).joined(separator: ": ")
    return [change?.rawValue, now.isEmpty ? nil : now].compactMap(\.self).joined(separator: "; ")
  }

  private var plain: String? {
    switch state {
    case .pending: "not started"
    case .stopped: "stopped"
    case .running, .blocked, .done, .failed, .skipped: nil
    }
  }
}

extension ApplicationStatus.Instances {
  /// `1 of 1 instance runs`
  fileprivate var sentence: String {
    let instances = "\(wanted) instance\(wanted == 1 ? "" : "s")"
    if let healthy { return "\(healthy) of \(instances) healthy" }
    return "\(running) of \(instances) \(running == 1 ? "runs" : "run")"
  }
}
