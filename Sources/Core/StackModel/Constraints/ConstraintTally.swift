/// A rule and the values of the agents that were taken by it: what one more agent costs does not depend on how many there
/// are.
struct ConstraintTally {
  private let rule: ConstraintRule
  /// In bytes, since Swift takes canonically equivalent texts for equal.
  private var first: [UInt8]?
  private var counts: [[UInt8]: Int] = [:]
  /// How many values were taken so often.
  private var frequencies: [Int: Int] = [:]
  /// The smallest of the counts.
  private var least = 0

  init(_ rule: ConstraintRule) {
    self.rule = rule
  }

  /// Whether an agent with this value may be taken as well.
  func allows(_ value: String) -> Bool {
    switch rule {
    case .like(let pattern): return pattern.matches(value)
    case .unlike(let pattern): return !pattern.matches(value)
    case .unique: return counts[Array(value.utf8)] == nil
    case .cluster(let wanted?): return value.hasSameBytes(as: wanted)
    case .cluster(nil): return first.map { value.utf8.elementsEqual($0) } ?? true
    case .groupBy(let groups):
      let count = counts[Array(value.utf8), default: 0]
      return counts.count >= groups && !counts.isEmpty ? count == least : count == 0
    }
  }

  mutating func add(_ value: String) {
    switch rule {
    case .like, .unlike, .cluster(_?): return
    case .cluster(nil): first = first ?? Array(value.utf8)
    case .unique, .groupBy:
      let count = counts[Array(value.utf8), default: 0]
      counts[Array(value.utf8)] = count + 1
      frequencies[count + 1, default: 0] += 1
      if count == 0 {
        least = 1
        return
      }
      frequencies[count, default: 0] -= 1
      if count == least, frequencies[count] == 0 { least = count + 1 }
    }
  }
}
