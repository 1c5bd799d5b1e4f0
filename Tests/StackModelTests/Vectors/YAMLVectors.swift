import JSON
import Testing

@testable import StackModel

@Suite struct YAMLVectors {
  @Test func stacksAreReadAndWrittenAsInTheOriginal() throws {
    try checkVectors("yaml", verdict: Self.yaml)
  }

  static func yaml(_ vector: Vector) -> Verdict {
    let source = vector.input["yaml"]?.stringValue ?? ""
    let decoding = StackDecoding(source)
    if let error = vector.output["error"]?.stringValue {
      return compare(decoding.originalError ?? "accepted: \(decoding.diagnostics.text)", with: error)
    }
    let original = vector.output["out"]?.stringValue ?? vector.output.text
    guard decoding.originalError == nil, !decoding.diagnostics.hasErrors, let stack = decoding.stack else {
      return .wrong("refused: \(decoding.diagnostics.text)\noriginal: \(original)")
    }
    let verdict = OriginalYAML.compare(StackYAML.text(stack), with: original)
    if case .wrong = verdict, let stack = CompatibilityRules.withoutMergedTasks(source),
      case .equal = OriginalYAML.compare(StackYAML.text(stack), with: original)
    {
      return .differing(rule: "yaml-merged-tasks")
    }
    return verdict
  }
}

/// Compares our YAML with the original's, which also prints internals and cuts numbers to 32 bits.
enum OriginalYAML {
  static func compare(_ ours: String, with original: String) -> Verdict {
    let shown = withoutInternals(original)
    if ours.utf8.elementsEqual(shown.utf8) { return .equal }
    if differsInPrecisionOnly(ours, shown) { return .differing(rule: "yaml-precision") }
    return .wrong("ours:     \(ours)\noriginal: \(original)")
  }

  /// Without `rwmutex: {}` in each application, an empty `namespace` and `layer: 0` (rule yaml-internals).
  static func withoutInternals(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.first == "namespace: \"\"" { lines.removeFirst() }
    if lines.suffix(2) == ["layer: 0", ""] { lines.remove(at: lines.count - 2) }
    var shown: [String] = []
    for (index, line) in lines.enumerated() {
      let nothingFollows = index + 1 == lines.count || !lines[index + 1].hasPrefix("    ")
      if line == "    rwmutex: {}" {
        if nothingFollows, let key = shown.popLast() { shown.append(key + " {}") }
      } else {
        shown.append(line)
      }
    }
    return shown.isEmpty || shown == [""] ? "{}\n" : shown.joined(separator: "\n")
  }

  /// The same text but for numbers that are equal when cut to 32 bits.
  private static func differsInPrecisionOnly(_ ours: String, _ original: String) -> Bool {
    let words = [ours, original].map { $0.split(omittingEmptySubsequences: false) { " \n".contains($0) } }
    guard words[0].count == words[1].count else { return false }
    return zip(words[0], words[1]).allSatisfy { our, their in
      if our == their { return true }
      guard our.hasSuffix(":") == their.hasSuffix(":") else { return false }
      let numbers = [our, their].map { Double($0.hasSuffix(":") ? $0.dropLast() : $0) }
      guard let our = numbers[0], let their = numbers[1] else { return false }
      return Float(our) == Float(their)
    }
  }
}
