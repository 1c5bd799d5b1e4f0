/// What scripts have called for, in the order of the first calls: each application on the cluster once for each script,
/// however many calls there have been.
struct CalledApplications {
  struct Entry {
    /// The walk of the latest call.
    var latest: Int
    /// By the latest call that has one.
    var change: ApplicationStatus.Change?
  }

  private struct Key: Hashable {
    var application: String
    var step: Step
    var target: String
  }

  private var positions: [Key: Int] = [:]
  /// By the application whose script it is.
  private var entries: [String: [Entry]] = [:]

  var isEmpty: Bool { positions.isEmpty }

  subscript(application: String) -> [Entry] { entries[application] ?? [] }

  /// Takes the walks of calls, in the order of the calls.
  mutating func add(_ walk: ApplicationWalk, of caller: ScriptedCaller, at place: Int) {
    // A script that was begun anew is the same script.
    let key = Key(application: caller.application, step: caller.step.step, target: walk.clusterID)
    if let index = positions[key] {
      entries[caller.application]?[index].latest = place
      if let change = walk.change { entries[caller.application]?[index].change = change }
    } else {
      positions[key] = entries[caller.application]?.count ?? 0
      entries[caller.application, default: []].append(Entry(latest: place, change: walk.change))
    }
  }
}
