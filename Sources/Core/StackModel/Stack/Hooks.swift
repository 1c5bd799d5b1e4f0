/// What an application has at each of the five places.
package struct Hooks: Sendable, Hashable {
  package var beforeScheduler: [HookCommand] = []
  package var afterScheduler: [HookCommand] = []
  package var beforeTask: [HookCommand] = []
  package var afterTask: [HookCommand] = []
  package var afterTasks: [HookCommand] = []

  package init() {}

  package subscript(place: HookPlace) -> [HookCommand] {
    get {
      switch place {
      case .beforeScheduler: beforeScheduler
      case .afterScheduler: afterScheduler
      case .beforeTask: beforeTask
      case .afterTask: afterTask
      case .afterTasks: afterTasks
      }
    }
    set {
      switch place {
      case .beforeScheduler: beforeScheduler = newValue
      case .afterScheduler: afterScheduler = newValue
      case .beforeTask: beforeTask = newValue
      case .afterTask: afterTask = newValue
      case .afterTasks: afterTasks = newValue
      }
    }
  }
}

/// Where a hook hangs. The raw value is the field's name in YAML and the step's name in a run.
package enum HookPlace: String, Sendable, Hashable, CaseIterable {
  case beforeScheduler = "before_scheduler"
  case afterScheduler = "after_scheduler"
  case beforeTask = "before_task"
  case afterTask = "after_task"
  case afterTasks = "after_tasks"

  package init?(_ field: ApplicationField) { self.init(rawValue: field.rawValue) }
}
