import StackModel

/// The smallest journaled piece of a run's work on one application.
enum Step: Sendable, Hashable {
  /// A part of a hook; `task` is set for those around a task. `part` counts from 1 and is nil where the hook has one part.
  case hook(HookPlace, task: String?, part: Int? = nil)
  /// Brings the definition onto the cluster, or finds it there.
  case launch
  case healthy
  /// Hands the application's address on as variables.
  case variables
  case task(String)
  /// Removes the application from the cluster.
  case destroy
  case gone
  /// The function that a stack has in place of its graph.
  case run

  /// As it stands in the journal, in events and in messages: `tasks/brokers/run`.
  var name: String {
    switch self {
    case .hook(let place, let task, let part):
      (task.map { "tasks/\($0)/" } ?? "") + place.rawValue + (part.map { "/\($0)" } ?? "")
    case .launch: "launch"
    case .healthy: "healthy"
    case .variables: "variables"
    case .task(let name): "tasks/\(name)/run"
    case .destroy: "destroy"
    case .gone: "gone"
    case .run: "run"
    }
  }

  /// As sentences name what runs there: `hook after_scheduler`.
  var title: String {
    if case .hook = self { "hook \(name)" } else { name }
  }

  init?(name: String) {
    switch name {
    case "launch": self = .launch
    case "healthy": self = .healthy
    case "variables": self = .variables
    case "destroy": self = .destroy
    case "gone": self = .gone
    case "run": self = .run
    default:
      // A task's name may hold slashes: only the first part and those behind it are fixed.
      var parts = name.split(separator: "/", omittingEmptySubsequences: false)[...]
      let number = parts.count > 1 ? parts.last.flatMap { Int($0) } : nil
      if number != nil { parts.removeLast() }
      guard let last = parts.popLast(), number ?? 1 > 0 else { return nil }
      var task: String?
      if !parts.isEmpty {
        guard parts.popFirst() == "tasks", !parts.isEmpty else { return nil }
        task = parts.joined(separator: "/")
        guard task?.isEmpty == false else { return nil }
      }
      if let place = HookPlace(rawValue: String(last)) {
        self = .hook(place, task: task, part: number)
      } else if last == "run", number == nil, let task {
        self = .task(task)
      } else {
        return nil
      }
    }
  }

  /// What a deployment of the application goes through, without what has nothing to do.
  static func deployment(of application: Application, hasRunner: Bool) -> [Step] {
    var steps: [Step] = []
    func add(_ place: HookPlace, task: String? = nil) {
      let count = application.hooks[place].parts.count
      for part in 1..<(count + 1) { steps.append(.hook(place, task: task, part: count > 1 ? part : nil)) }
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
