import JSON
import Testing

@testable import StackModel

@Suite struct ValidationVectors {
  @Test func stacksAreRefusedAsInTheOriginal() throws {
    try checkVectors("validate", verdict: Self.validate)
  }

  static func validate(_ vector: Vector) throws -> Verdict {
    let stack = try vector.stack()
    let problems = stack.problems(taskRunners: Set(vector.strings("runners")))
    // The original stops at the first problem of the application that chance puts first.
    var firstOfEach: [String: String] = [:]
    for problem in problems {
      guard let key = problem.application, let text = problem.originalText, firstOfEach[key] == nil else { continue }
      firstOfEach[key] = text
    }
    if let error = vector.output["error"]?.stringValue {
      guard firstOfEach.values.contains(error) else { return .wrong("ours: \(problems)\noriginal: \(error)") }
      return firstOfEach.count == 1 ? .equal : .differing(rule: "validate-all-errors")
    }
    if problems.isEmpty { return compare("ok", with: vector.output["out"]?.stringValue ?? vector.output.text) }
    guard firstOfEach.isEmpty, let rules = CompatibilityRules.refusals(problems, of: stack) else {
      return .wrong("ours: \(problems)\noriginal: \(vector.output.text)")
    }
    return .differing(rule: rules.joined(separator: "+"))
  }
}

extension Vector {
  /// The stack of the input.
  fileprivate func stack() throws -> Stack {
    let decoding = StackDecoding(input["yaml"]?.stringValue ?? "")
    return try #require(decoding.stack, "\(decoding.diagnostics)")
  }
}
