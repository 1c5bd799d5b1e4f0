/// Which agents an application may run on: `[attribute, OPERATOR, value?]` as in Marathon, of which the original
/// knows LIKE, UNLIKE, UNIQUE, CLUSTER and GROUP_BY.
package struct Constraint: Sendable, Hashable {
  /// The agent's attribute; `hostname` is the agent's host name.
  package var attribute: String
  package var rule: ConstraintRule

  /// Reads a constraint as a stack has it. Elements behind the value are ignored.
  package init(_ written: [String]) throws(ConstraintError) {
    guard let attribute = written.first else { throw .empty }
    self.attribute = attribute
    self.rule = try ConstraintRule(written.dropFirst())
  }
}

/// What a constraint asks of an attribute's value.
package enum ConstraintRule: Sendable, Hashable {
  /// The pattern is found in the value.
  case like(Pattern)
  /// The pattern is not found in the value.
  case unlike(Pattern)
  /// No other instance has the value.
  case unique
  /// All instances have this value or, without one, the value of the first.
  case cluster(String?)
  /// Instances are spread evenly over the values, of which there shall be at least this many.
  case groupBy(Int)

  /// The operators by name, for messages.
  package static let operators = ["LIKE", "UNLIKE", "UNIQUE", "CLUSTER", "GROUP_BY"]

  /// Reads what stands behind the attribute: the operator and its value.
  package init(_ operands: some Collection<String>) throws(ConstraintError) {
    let operands = Array(operands)
    switch (operands.first, operands.dropFirst().first) {
    case ("UNIQUE", _):
      self = .unique
    case ("LIKE", let pattern?):
      do { self = .like(try Pattern(pattern)) } catch { throw .badPattern(operator: "LIKE", error) }
    case ("UNLIKE", let pattern?):
      do { self = .unlike(try Pattern(pattern)) } catch { throw .badPattern(operator: "UNLIKE", error) }
    case ("CLUSTER", let value):
      self = .cluster(value == "" ? nil : value)
    case ("GROUP_BY", nil):
      self = .groupBy(1)
    case ("GROUP_BY", let groups?):
      guard let count = try? GoInteger.parse(groups) else { throw .badGroupCount(operands) }
      // Zero and less count as one: without other values there is nothing to be even with.
      self = .groupBy(max(1, count))
    default:
      throw .unsupported(operands)
    }
  }

  /// Whether an agent with this value may take one more instance when `others` are the values of the agents that
  /// have one already, in the order in which they were taken.
  package func matches(_ value: String, others: [String]) -> Bool {
    var tally = ConstraintTally(self)
    for other in others { tally.add(other) }
    return tally.allows(value)
  }
}

extension ConstraintRule: CustomStringConvertible {
  /// As the original's logs have it, such as `groupBy:2`.
  package var description: String {
    switch self {
    case .like(let pattern): "like:\(pattern.text)"
    case .unlike(let pattern): "unlike:\(pattern.text)"
    case .unique: "unique"
    case .cluster(let value?): "cluster:\(value)"
    case .cluster(nil): "cluster"
    case .groupBy(let groups): groups > 1 ? "groupBy:\(groups)" : "groupBy"
    }
  }
}

extension String {
  /// Swift's `==` takes canonically equivalent texts for equal; Mesos and the original compare bytes.
  func hasSameBytes(as other: String) -> Bool {
    utf8.elementsEqual(other.utf8)
  }
}
