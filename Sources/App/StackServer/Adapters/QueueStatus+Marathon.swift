import Engine
import JSON
import MarathonClient

extension QueueStatus {
  init(_ item: MarathonQueueItem) {
    let delay = item.delay.overdue ? nil : item.delay.timeLeftSeconds.map { Duration.milliseconds(Int64($0 * 1_000)) }
    self.init(
      waiting: item.count, delay: delay, reasons: item.reasons.map { Self.sentence($0, item.app?.definition ?? [:]) })
  }

  /// What Marathon calls `InsufficientCpus` and the like, with what the application asks for.
  private static func sentence(_ rejection: MarathonQueueItem.Rejection, _ definition: JSONObject) -> String {
    let share = "\(rejection.declined) of \(rejection.processed)"
    func lacking(_ resource: String, _ field: String) -> String {
      let wanted = definition[field].map { " than \($0.text)" } ?? ""
      return "no agent with enough \(resource): \(share) offers have less\(wanted)"
    }
    switch rejection.reason {
    case "InsufficientCpus": return lacking("cpus", "cpus")
    case "InsufficientMemory": return lacking("mem", "mem")
    case "InsufficientDisk": return lacking("disk", "disk")
    case "InsufficientGpus": return lacking("gpus", "gpus")
    case "InsufficientPorts": return "no agent with the ports that are asked for: \(share) offers lack them"
    case "UnfulfilledConstraint":
      let constraints = definition["constraints"]?.arrayValue ?? []
      let written = constraints.map { constraint in
        (constraint.arrayValue ?? []).map { $0.stringValue ?? $0.text }.joined(separator: " ")
      }
      let which = written.isEmpty ? "" : " (\(written.joined(separator: "; ")))"
      return "constraint\(which) used up or not met: \(share) offers do not fit"
    case "UnfulfilledRole": return "no offer for the application's role: \(share) offers are for others"
    case "NoCorrespondingReservationFound": return "no reservation for the application: \(share) offers have none"
    case "AgentMaintenance": return "agents are under maintenance: \(share) offers"
    case "DeclinedScarceResources": return "scarce resources are kept for those that need them: \(share) offers"
    default: return "offers declined (\(rejection.reason)): \(share)"
    }
  }
}
