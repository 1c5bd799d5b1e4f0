import JSON
import Testing

@testable import StackModel

@Suite struct MergeVectors {
  @Test func stacksMergeAsInTheOriginal() throws {
    try checkVectors("merge", verdict: Self.merge)
  }

  static func merge(_ vector: Vector) throws -> Verdict {
    let stacks = vector.strings("yamls").map { StackDecoding($0).stack ?? Stack() }
    let merged = try #require(Stack.merging(stacks))
    guard let original = vector.output["out"]?.stringValue else {
      guard let rule = CompatibilityRules.panics(vector.output["panic"]?.stringValue ?? "", of: stacks) else {
        return .wrong("original: \(vector.output.text)")
      }
      return .differing(rule: rule)
    }
    let verdict = OriginalYAML.compare(StackYAML.text(merged), with: original)
    guard case .wrong(let text) = verdict else { return verdict }
    for (rule, asOriginal) in CompatibilityRules.mergedAsInTheOriginal(stacks) {
      if case .wrong = OriginalYAML.compare(StackYAML.text(asOriginal), with: original) { continue }
      return .differing(rule: rule)
    }
    return .wrong(text)
  }
}
