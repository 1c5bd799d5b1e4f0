import JSON
import StackModel

/// A rule on which agents an application may run, as Marathon reads it: `[field, operator]` or `[field, operator, value]`.
struct PlacementConstraint: Sendable, Hashable {
  enum Operator: String, Sendable, Hashable, CaseIterable {
    case unique = "UNIQUE"
    case cluster = "CLUSTER"
    case groupBy = "GROUP_BY"
    case like = "LIKE"
    case maxPer = "MAX_PER"
    case unlike = "UNLIKE"
    case `is` = "IS"
  }

  /// The parts as they were given, two or three where the constraint is well formed.
  var parts: [String]

  var field: String { parts.first ?? "" }
  var `operator`: Operator? { parts.count > 1 ? Operator(rawValue: parts[1]) : nil }
  var value: String? { parts.count > 2 ? parts[2] : nil }
  var json: JSON { .array(parts.map(JSON.string)) }

  static func read(_ reader: inout DefinitionReader) -> [PlacementConstraint] {
    guard let elements = reader.array("constraints") else { return [] }
    var constraints: [PlacementConstraint] = []
    for (index, element) in elements.enumerated() {
      guard let parts = element.arrayValue else {
        reader.fault("constraints(\(index))", "error.expected.jsarray")
        continue
      }
      var texts: [String] = []
      for (position, part) in parts.enumerated() {
        if let text = part.stringValue {
          texts.append(text)
        } else {
          reader.fault("constraints(\(index))(\(position))", "error.expected.jsstring")
        }
      }
      constraints.append(PlacementConstraint(parts: texts))
    }
    return constraints
  }

  /// An operator in lower case passes Marathon's validation and then stops its parser.
  var illegalSpecification: String? {
    guard parts.count > 1, self.operator == nil, Operator(rawValue: parts[1].uppercased()) != nil else { return nil }
    return "illegal constraint specification \(parts.joined(separator: ","))"
  }

  /// What is wrong with it, in Marathon's words.
  var fault: String? {
    guard parts.count == 2 || parts.count == 3 else { return "Each constraint must have either 2 or 3 fields" }
    switch self.operator {
    case nil:
      return "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS"
    case .unique: return value == nil ? nil : "UNIQUE does not accept a value"
    case .cluster, .is: return nil
    case .groupBy:
      return value.map { Int($0) != nil } ?? true
        ? nil : "GROUP BY must define an integer value or else no value at all"
    case .maxPer: return value.flatMap { Int($0) } == nil ? "MAX_PER requires an integer value" : nil
    case .like, .unlike:
      guard let value, !value.isEmpty else { return "LIKE and UNLIKE require a non-empty, regular expression value" }
      return Self.wholeMatch(value) == nil ? "is not a valid regular expression" : nil
    }
  }

  /// Whether one more instance may go to `agent`.
  ///
  /// - Parameter placed: the agents of the application's instances that count, once per instance: those started since its last
  ///   change of configuration, so that an upgrade is not stopped by what it replaces.
  func allows(_ agent: Agent, placed: [Agent]) -> Bool {
    guard let offered = agent.value(of: field) else { return self.operator == .unlike }
    let values = placed.compactMap { $0.value(of: field) }
    switch self.operator {
    case nil: return false
    case .unique: return !values.contains(offered)
    case .cluster:
      return (value ?? "").isEmpty ? values.allSatisfy { $0 == offered } : offered == value
    case .is: return offered == value ?? "" || Self.areSameNumber(offered, value)
    case .like: return value.flatMap(Self.wholeMatch)?.matches(offered) ?? false
    case .unlike: return !(value.flatMap(Self.wholeMatch)?.matches(offered) ?? false)
    case .maxPer:
      return values.filter { $0 == offered }.count < (value.flatMap { Int($0) } ?? 0)
    case .groupBy:
      var sizes: [String: Int] = [:]
      for value in values { sizes[value, default: 0] += 1 }
      guard let size = sizes[offered] else { return true }
      // A group gets another instance when as many groups as asked for exist and it is one of the smallest.
      return sizes.count >= (value.flatMap { Int($0) } ?? 1) && size == (sizes.values.min() ?? 0)
    }
  }

  /// Marathon matches the whole value.
  private static func wholeMatch(_ text: String) -> Pattern? { try? Pattern("^(?:\(text))$") }

  private static func areSameNumber(_ left: String, _ right: String?) -> Bool {
    guard let left = Double(left), let right = right.flatMap({ Double($0) }) else { return false }
    return left == right
  }
}
