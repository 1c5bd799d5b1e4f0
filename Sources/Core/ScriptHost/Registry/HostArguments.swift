package import JSON
import StackModel

/// Checked arguments, as who performs a function reads them. What the check has let pass cannot fail here.
extension JSONObject {
  /// An argument of the type string, choice or handle; nil if it was left out.
  package func string(_ name: String) -> String? { self[name]?.stringValue }
  package func integer(_ name: String) -> Int? { self[name]?.intValue }
  package func number(_ name: String) -> Double? { self[name]?.doubleValue }
  package func boolean(_ name: String) -> Bool? { self[name]?.boolValue }

  package func duration(_ name: String) -> Duration? {
    self[name]?.stringValue.flatMap { try? GoDuration.parse($0) }
  }
}
