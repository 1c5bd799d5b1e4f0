import StackModel

/// The smallest journaled piece of a run's work on one application.
enum Step: Sendable, Hashable {
  /// A shell hook; `task` is set for those around a task.
  case hook(HookPlace, task: String?)
  /// Brings the definition onto the cluster, or finds it there.
  case launch
  case healthy
  /// Hands the application's address on as variables.
  case variables
  case task(String)
  /// Removes the application from the cluster.
  case destroy
  case gone

  /// As it stands in the journal, in events and in messages: `tasks/brokers/run`.
  var name: String {
    switch self {
    case .hook(let place, nil): place.rawValue
    case .hook(let place, let task?): "tasks/\(task)/\(place.rawValue)"
    case .launch: "launch"
    case .healthy: "healthy"
    case .variables: "variables"
    case .task(let name): "tasks/\(name)/run"
    case .destroy: "destroy"
    case .gone: "gone"
    }
  }

  init?(name: String) {
    switch name {
    case "launch": self = .launch
    case "healthy": self = .healthy
    case "variables": self = .variables
    case "destroy": self = .destroy
    case "gone": self = .gone
    default:
      if let place = HookPlace(rawValue: name) {
        self = .hook(place, task: nil)
        return
      }
      // A task's name may hold slashes: only the first and the last part are fixed.
      guard name.hasPrefix("tasks/"), let end = name.lastIndex(of: "/") else { return nil }
      let start = name.index(name.startIndex, offsetBy: 6)
      guard start < end else { return nil }
      let task = String(name[start..<end])
      let last = name[name.index(after: end)...]
      if last == "run" {
        self = .task(task)
      } else if let place = HookPlace(rawValue: String(last)) {
        self = .hook(place, task: task)
      } else {
        return nil
      }
    }
  }

  /// What a deployment of the application goes through, without what has nothing to do.
  static func deployment(of application: Application, hasRunner: Bool) -> [Step] {
    var steps: [Step] = []
    func add(_ place: HookPlace, task: String? = nil) {
      if !application.hooks[place].isEmpty { steps.append(.hook(place, task: task)) }
    }
    add(.beforeScheduler)
    steps += [.launch, .healthy]
    add(.afterScheduler)
    steps.append(.variables)
    if hasRunner {
      for task in application.tasks.map(\.name) {
        add(.beforeTask, task: task)
        steps.append(.task(task))
        add(.afterTask, task: task)
      }
    }
    add(.afterTasks)
    return steps
  }

  static let removal: [Step] = [.destroy, .gone]
}

/// One attempt at one step of one application.
struct StepReference: Sendable, Hashable {
  var application: String
  var step: Step
  /// From 1.
  var attempt: Int
}
