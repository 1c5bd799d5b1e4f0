import JSON

@testable import StackModel

/// The rules of docs/compatibility.md by which a result may differ from the original's. Each looks at what went in and
/// at both results, and accepts nothing else.
enum CompatibilityRules {
  /// We refuse what the original sends on or turns into nonsense: variables nobody set, which stay in its result as
  /// they were written, and variables that contain each other.
  static func refusedVariables(_ error: any Error, original output: JSON) -> Verdict? {
    guard let error = error as? SubstitutionError else { return nil }
    var rules: Set<String> = []
    for problem in error.problems {
      switch problem.error {
      case .unresolved(let names, _):
        guard names.contains(where: { output.mentions("${\($0)}") }) else { return nil }
        rules.insert("resolve-unresolved")
      case .cycle:
        rules.insert("resolve-cycle")
      case .tooLong, .tooMuch, .tooDeep:
        return nil
      }
    }
    return .differing(rule: rules.sorted().joined(separator: "+"))
  }

  /// The original's definition with what it orders by chance in our order, where it has the same parts as ours; and the
  /// rules by which it was changed.
  static func inOurOrder(_ original: JSON, _ ours: JSON, of application: Application) -> (JSON, [String]) {
    guard var body = original.objectValue else { return (original, []) }
    var rules: [String] = []
    if let command = body["cmd"]?.stringValue, command != ours["cmd"]?.stringValue {
      let flags = application.scheduler.map { " --\($0.key) \($0.value)" }
      if command.hasPrefix(application.launchCommand),
        isConcatenation(command.dropFirst(application.launchCommand.count), of: flags)
      {
        body["cmd"] = ours["cmd"]
        rules.append("marathon-flag-order")
      }
    }
    if var environment = body["env"]?.objectValue, let theirs = environment["STACK_LABELS"]?.stringValue,
      let mine = ours["env"]?["STACK_LABELS"]?.stringValue, theirs != mine, parts(of: theirs) == parts(of: mine)
    {
      environment["STACK_LABELS"] = .string(mine)
      body["env"] = .object(environment)
      rules.append("marathon-label-order")
    }
    if var container = body["container"]?.objectValue, var docker = container["docker"]?.objectValue,
      let theirs = docker["parameters"]?.arrayValue, let mine = ours["container"]?["docker"]?["parameters"]?.arrayValue,
      theirs != mine, theirs.map(\.text).sorted() == mine.map(\.text).sorted()
    {
      docker["parameters"] = .array(mine)
      container["docker"] = .object(docker)
      body["container"] = .object(container)
      rules.append("marathon-parameter-order")
    }
    return (.object(body), rules)
  }

  /// Whether the text is all the parts, each once, in any order.
  private static func isConcatenation(_ text: Substring, of parts: [String]) -> Bool {
    if parts.isEmpty { return text.isEmpty }
    return parts.indices.contains { index in
      guard text.hasPrefix(parts[index]) else { return false }
      var rest = parts
      rest.remove(at: index)
      return isConcatenation(text.dropFirst(parts[index].count), of: rest)
    }
  }

  private static func parts(of labels: String) -> [Substring] {
    labels.split(separator: ";", omittingEmptySubsequences: false).sorted()
  }

  /// The rules by which we refuse a stack that the original's validation lets pass; nil if a problem has none.
  static func refusals(_ problems: [ValidationProblem], of stack: Stack) -> [String]? {
    var rules: Set<String> = []
    for problem in problems where problem.original == nil {
      guard let key = problem.application, let application = stack.applications[key] else { return nil }
      switch problem.field {
      case nil where application.isNull: rules.insert("validate-null-application")
      case .id, .dependencies: rules.insert("validate-graph")
      case .startTime, .timeSchedule: rules.insert("validate-schedules")
      case .cpu, .mem: rules.insert("validate-finite-numbers")
      case .tasks: rules.insert("validate-tasks-are-maps")
      default: return nil
      }
    }
    return rules.sorted()
  }
}

extension JSON {
  /// Whether a text in it contains another.
  fileprivate func mentions(_ text: String) -> Bool {
    switch self {
    case .string(let string): string.contains(text)
    case .array(let items): items.contains { $0.mentions(text) }
    case .object(let object): object.contains { $0.value.mentions(text) }
    default: false
    }
  }
}
