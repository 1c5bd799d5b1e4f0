import JSON

@testable import StackModel

extension FuzzTarget {
  /// Constraints, one a line with its parts separated by blanks; behind an empty line the values of agents.
  static let constraints = FuzzTarget(
    name: "constraints", summary: "constraints, one a line; behind an empty line agents' values", longestInput: 1_024
  ) { bytes in
    let lines = lines(bytes)
    let written = lines.prefix { !$0.isEmpty }.map { $0.split(separator: " ").map(String.init) }
    let values = lines.drop { !$0.isEmpty }.dropFirst()
    var constraints: [Constraint] = []
    for parts in written {
      do throws(ConstraintError) {
        constraints.append(try Constraint(parts))
      } catch {
        try require(error.originalText.utf8.count <= 256 + 8 * bytes.count, "a long message: \(error)")
        try require(!error.description.isEmpty, "no message")
      }
    }
    let agents = values.map { ClusterSnapshot.Agent(hostname: $0, attributes: ["rack": String($0.prefix(1))]) }
    let cluster = ClusterSnapshot(agents: agents, activatedCount: agents.count)
    let taken = cluster.agents(satisfying: constraints)
    try require(taken.count <= agents.count, "more agents than there are")
    for constraint in constraints {
      let alone = cluster.agents(satisfying: [constraint])
      switch constraint.rule {
      case .unique:
        let found = alone.compactMap { $0.value(of: constraint.attribute) }.map { Array($0.utf8) }
        try require(Set(found).count == found.count, "UNIQUE takes a value twice")
      case .cluster(let wanted?):
        try require(
          alone.allSatisfy { $0.value(of: constraint.attribute)?.hasSameBytes(as: wanted) == true },
          "CLUSTER takes another value")
      case .like(let pattern):
        try require(
          alone.allSatisfy { $0.value(of: constraint.attribute).map(pattern.matches) == true },
          "LIKE takes what it does not match")
      default: break
      }
      try require(!constraint.rule.description.isEmpty, "no description")
    }
  }

  /// The first line is the pattern, the rest the text.
  static let patterns = FuzzTarget(
    name: "patterns", summary: "regular expressions; first line the pattern, then the text", longestInput: 512
  ) { bytes in
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let text = String(decoding: bytes[end...].dropFirst(), as: UTF8.self)
    do {
      let pattern = try Pattern(String(decoding: bytes[..<end], as: UTF8.self))
      let found = pattern.matches(text)
      try require(pattern.matches(text) == found, "the second match differs")
    } catch let error as PatternError {
      try require(error.description.hasPrefix("error parsing regexp: "), "other words: \(error)")
    }
  }
}
