/// The agents of a cluster at one moment, as far as the number of instances depends on them.
package struct ClusterSnapshot: Sendable, Hashable {
  package struct Agent: Sendable, Hashable {
    package var hostname: String
    /// The attributes that are texts; constraints look at no others.
    package var attributes: [String: String]

    package init(hostname: String, attributes: [String: String] = [:]) {
      self.hostname = hostname
      self.attributes = attributes
    }

    /// What a constraint on `attribute` looks at: nil where the agent has no such attribute or an empty one, which
    /// no constraint matches.
    package func value(of attribute: String) -> String? {
      let value = attribute == "hostname" ? hostname : attributes[attribute]
      return value == "" ? nil : value
    }
  }

  /// In the master's order, on which depends which of them a constraint takes.
  package var agents: [Agent]
  /// The agents that the master counts as active; may differ from the number of those it lists.
  package var activatedCount: Int

  package init(agents: [Agent], activatedCount: Int) {
    self.agents = agents
    self.activatedCount = activatedCount
  }

  /// The agents that satisfy all constraints, taken one after another, each tested against those taken before it.
  package func agents(satisfying constraints: [Constraint]) -> [Agent] {
    var taken: [Agent] = []
    for agent in agents where agent.satisfies(constraints, others: taken) {
      taken.append(agent)
    }
    return taken
  }
}

extension ClusterSnapshot.Agent {
  /// Whether one more instance may run here when the `others` have one each (an agent with several stands there as
  /// often).
  package func satisfies(_ constraints: [Constraint], others: [ClusterSnapshot.Agent]) -> Bool {
    constraints.allSatisfy { constraint in
      guard let value = value(of: constraint.attribute) else { return false }
      return constraint.rule.matches(value, others: others.compactMap { $0.value(of: constraint.attribute) })
    }
  }
}
