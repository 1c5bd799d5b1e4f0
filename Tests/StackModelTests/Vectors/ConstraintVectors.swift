import JSON
import Testing

@testable import StackModel

@Suite struct ConstraintVectors {
  @Test func constraintsMatchAsInTheOriginal() throws {
    try checkVectors("constraint") { vector in
      let rule: ConstraintRule
      do {
        rule = try ConstraintRule(vector.strings("raw"))
      } catch let error as ConstraintError {
        return compare(error.originalText, with: vector.output["error"]?.stringValue ?? vector.output.text)
      }
      let matches = rule.matches(vector.input["value"]?.stringValue ?? "", others: vector.strings("others"))
      let original = "\(vector.output["match"]?.boolValue == true) \(vector.output["string"]?.stringValue ?? "")"
      return compare("\(matches) \(rule)", with: vector.output["error"]?.stringValue ?? original)
    }
  }
}

extension Vector {
  /// A list of texts of the input; empty where it is null or absent.
  func strings(_ key: String) -> [String] {
    (input[key]?.arrayValue ?? []).compactMap(\.stringValue)
  }
}
