import JSON
import Testing

@testable import StackModel

@Suite struct MergeVectors {
  @Test func stacksMergeAsInTheOriginal() throws {
    try checkVectors("merge") { vector in
      let stacks = vector.strings("yamls").map { StackDecoding($0).stack ?? Stack() }
      let merged = try #require(Stack.merging(stacks))
      guard let original = vector.output["out"]?.stringValue else {
        // A base without applications made the original panic (rule merge-into-nothing).
        let base = try #require(stacks.first)
        guard vector.output["panic"]?.stringValue == "assignment to entry in nil map", base.applications.isEmpty
        else { return .wrong("original: \(vector.output.text)") }
        return .differing(rule: "merge-into-nothing")
      }
      let verdict = OriginalYAML.compare(StackYAML.text(merged), with: original)
      guard case .wrong = verdict else { return verdict }
      // With the fields put back that the original never merges, nothing else may differ (rule merge-all-fields).
      let asOriginal = Self.withoutMendedFields(merged, of: stacks)
      if case .wrong(let text) = OriginalYAML.compare(StackYAML.text(asOriginal), with: original) {
        return .wrong(text)
      }
      return .differing(rule: "merge-all-fields")
    }
  }

  private static let neverMerged: [ApplicationField] = [
    .type, .instances, .constraints, .args, .env, .docker, .startTime, .timeSchedule,
  ]

  /// In the original the first stack that has an application decides on these fields.
  private static func withoutMendedFields(_ merged: Stack, of stacks: [Stack]) -> Stack {
    var result = merged
    for key in merged.applications.keys {
      guard let first = stacks.lazy.compactMap({ $0.applications[key] }).first else { continue }
      for field in neverMerged { result.applications[key]?.copy(field, from: first) }
    }
    return result
  }
}
