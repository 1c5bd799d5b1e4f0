@testable import StackModel

extension CompatibilityRules {
  /// The fields that the original never merges: the first stack that has the application decides on them.
  private static let neverMerged: [ApplicationField] = [
    .type, .instances, .constraints, .args, .env, .docker, .startTime, .timeSchedule,
  ]

  /// The stacks merged as the original merges them, by the rules that this undoes, the mildest first.
  static func mergedAsInTheOriginal(_ stacks: [Stack]) -> [(rule: String, stack: Stack)] {
    var withoutNulls = stacks
    for index in stacks.indices {
      for key in stacks[index].applications.keys { withoutNulls[index].applications[key]?.unset = [] }
    }
    return [("merge-all-fields", stacks), ("merge-null-unsets", withoutNulls)].compactMap { rule, stacks in
      guard var merged = Stack.merging(stacks) else { return nil }
      for key in merged.applications.keys {
        guard let first = stacks.lazy.compactMap({ $0.applications[key] }).first else { continue }
        for field in neverMerged { merged.applications[key]?.copy(field, from: first) }
      }
      return (rule, merged)
    }
  }

  /// Merges at which the original panics: over a stack without applications, and where an application is `null`.
  static func panics(_ message: String, of stacks: [Stack]) -> String? {
    switch message {
    case "assignment to entry in nil map":
      stacks.first?.applications.isEmpty == true ? "merge-into-nothing" : nil
    case "runtime error: invalid memory address or nil pointer dereference":
      stacks.contains { $0.applications.contains { $0.value.isNull } } ? "merge-null-application" : nil
    default: nil
    }
  }

  /// A source with `<<` among its tasks as the original reads it, which loses what such a key merges in; `nil` where
  /// there is none.
  static func withoutMergedTasks(_ source: String) -> Stack? {
    let parts = source.split(separator: "tasks:", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].contains("<<:") else { return nil }
    // In quotes it is a key like any other, and can be found again.
    let marked =
      parts[0] + "tasks:"
      + parts[1].split(separator: "<<:", omittingEmptySubsequences: false)
      .joined(separator: "\"<<\":")
    guard var stack = StackDecoding(String(marked)).stack else { return nil }
    for key in stack.applications.keys {
      let tasks = stack.applications[key]?.tasks ?? []
      stack.applications[key]?.tasks = tasks.filter { $0.key != .string("<<") }.map {
        ApplicationTask(key: $0.key, value: withoutMergeKeys($0.value))
      }
    }
    return stack
  }

  private static func withoutMergeKeys(_ value: TaskValue) -> TaskValue {
    switch value {
    case .list(let items): .list(items.map(withoutMergeKeys))
    case .map(let entries):
      .map(
        entries.filter { $0.key != .string("<<") }.map { .init(key: $0.key, value: withoutMergeKeys($0.value)) })
    default: value
    }
  }
}
