/// How many instances of an application run: the field `instances`.
package enum Instances: Sendable, Hashable {
  case count(Int)
  /// One on each agent, or on each agent that satisfies the application's constraints.
  case all

  /// `""` is one, `all` (lower case) all, anything else a whole number from 1 on.
  package init(_ written: String) throws(InstancesError) {
    switch written {
    case "": self = .count(1)
    case "all": self = .all
    default:
      guard let count = try? GoInteger.parse(written), count >= 1 else { throw InstancesError(written: written) }
      self = .count(count)
    }
  }

  /// The number in a cluster. `all` may be zero: no agent satisfies the constraints.
  package func count(of constraints: [Constraint], in cluster: ClusterSnapshot) -> Int {
    switch self {
    case .count(let count): count
    case .all: constraints.isEmpty ? cluster.activatedCount : cluster.agents(satisfying: constraints).count
    }
  }
}

/// `instances` is neither a number from 1 on nor `all`.
package struct InstancesError: Error, Sendable, Hashable, CustomStringConvertible {
  package var written: String

  package static let originalText =
    "Invalid number of application instances: supported are numbers greater than zero and 'all'"

  package var description: String {
    let hint = written.lowercased() == "all" ? "; write all in lower case" : ""
    return "\(Self.originalText), not '\(written)'\(hint)"
  }
}
