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
    var tallies = constraints.map { ($0.attribute, ConstraintTally($0.rule)) }
    return agents.filter { agent in
      let satisfies = tallies.allSatisfy { attribute, tally in agent.value(of: attribute).map(tally.allows) ?? false }
      guard satisfies else { return false }
      for index in tallies.indices {
        if let value = agent.value(of: tallies[index].0) { tallies[index].1.add(value) }
      }
      return true
    }
  }
}
