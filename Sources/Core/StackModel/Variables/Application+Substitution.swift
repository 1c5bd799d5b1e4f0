extension Application {
  /// The fields in which variables are replaced, by the moment of a run at which that happens. All others are used as
  /// they are written.
  package enum SubstitutionStage: Sendable, Hashable, CaseIterable {
    /// Before the application is launched.
    case launch
    /// When it is healthy.
    case afterScheduler
    /// When its own variables are known, before each task.
    case tasks
    case afterTasks

    package var fields: [ApplicationField] {
      switch self {
      case .launch: [.beforeScheduler, .launchCommand, .scheduler, .args, .env]
      case .afterScheduler: [.afterScheduler]
      case .tasks: [.beforeTask, .tasks, .afterTask]
      case .afterTasks: [.afterTasks]
      }
    }
  }

  /// The application with its variables replaced in the fields of these stages. All that cannot be replaced is told at
  /// once, in the order of the fields.
  package func substituting(
    _ variables: Variables, for stages: [SubstitutionStage]
  ) throws(SubstitutionError) -> Application {
    var replacement = FieldReplacement(application: self, substitution: Substitution(variables: variables))
    for field in stages.flatMap(\.fields) { replacement.replace(field) }
    guard replacement.problems.isEmpty else {
      throw SubstitutionError(application: id, problems: replacement.problems)
    }
    return replacement.application
  }
}

/// One pass over the fields of an application.
private struct FieldReplacement {
  var application: Application
  var substitution: Substitution
  var problems: [SubstitutionError.Problem] = []

  mutating func replace(_ field: ApplicationField) {
    switch field {
    case .launchCommand: application.launchCommand = text(application.launchCommand, of: field, entry: nil)
    case .args: application.args = lines(application.args, of: field)
    case .env: application.env = map(application.env, of: field)
    case .scheduler: application.scheduler = map(application.scheduler, of: field)
    case .tasks: application.tasks = application.tasks.map { task($0) }
    default:
      guard let place = HookPlace(field) else { return }
      application.hooks[place] = commands(application.hooks[place], of: field)
    }
  }

  private mutating func lines(_ lines: [String], of field: ApplicationField) -> [String] {
    var replaced: [String] = []
    for (index, line) in lines.enumerated() { replaced.append(text(line, of: field, entry: "\(index + 1)")) }
    return replaced
  }

  /// A script asks for variables itself: its text is never changed.
  private mutating func commands(_ commands: [HookCommand], of field: ApplicationField) -> [HookCommand] {
    var replaced: [HookCommand] = []
    for (index, command) in commands.enumerated() {
      switch command {
      case .shell(let line): replaced.append(.shell(text(line, of: field, entry: "\(index + 1)")))
      case .lua: replaced.append(command)
      }
    }
    return replaced
  }

  private mutating func map(_ map: OrderedMap<String>, of field: ApplicationField) -> OrderedMap<String> {
    var replaced = OrderedMap<String>()
    for (key, value) in map { replaced[key] = text(value, of: field, entry: key) }
    return replaced
  }

  /// Names and values become text, which they are for the task runners. What is no map stays for the runner to refuse.
  private mutating func task(_ task: ApplicationTask) -> ApplicationTask {
    guard case .map(let entries) = task.value else { return task }
    var replaced: [TaskValue.Entry] = []
    for entry in entries {
      let value = text(entry.value.text, of: .tasks, entry: "\(task.name), \(entry.key.text)")
      replaced.append(TaskValue.Entry(key: .string(entry.key.text), value: .string(value)))
    }
    return ApplicationTask(key: task.key, value: .map(replaced))
  }

  private static let problemLimit = 100

  private mutating func text(_ text: String, of field: ApplicationField, entry: String?) -> String {
    guard !substitution.isExhausted, problems.count < Self.problemLimit else { return text }
    do {
      return try substitution.replaceAll(in: text)
    } catch {
      problems.append(SubstitutionError.Problem(field: field, entry: entry, error: error))
      return text
    }
  }
}
