package import StackModel
package import Store

/// What someone asks the engine to do with a stack.
package struct RunRequest: Sendable, Hashable {
  /// What a run does with an application that is on the cluster already.
  package enum Existing: String, Sendable, Hashable, CaseIterable {
    /// Unchanged ones are left alone, changed ones updated; one that the stack does not own is an error.
    case converge
    /// An error, as in the original.
    case fail
    /// As `converge`, but what the stack does not own becomes its own.
    case adopt
  }

  /// When an application counts as healthy.
  package enum Healthy: String, Sendable, Hashable, CaseIterable {
    /// All its instances run and, where it has health checks, are healthy, and the deployment is over.
    case all
    /// One instance does: the original's rule.
    case any
  }

  package var kind: RunRecord.Kind
  package var stack: String
  /// `nil` for the latest.
  package var revision: Int?
  /// Empty for none.
  package var zone: String
  /// `--var` of `run`.
  package var variables: OrderedMap<String>
  /// Patterns; an application whose id matches one of them counts as running.
  package var skip: [String]
  /// How long each wait of an application may take. The time to reach the cluster counts as one.
  package var maxWait: Duration
  package var existing: Existing
  package var healthy: Healthy
  /// Removes what the stack owns and no longer has, after everything else is done.
  package var prune: Bool
  /// How long to wait for the run that holds the stack and zone; zero refuses at once.
  package var lockWait: Duration
  /// The name of who asks, for people.
  package var user: String
  /// What they may do, and with it what the run's scripts may.
  package var role: UserRole

  package init(
    kind: RunRecord.Kind = .deploy, stack: String, revision: Int? = nil, zone: String = "",
    variables: OrderedMap<String> = [:], skip: [String] = [], maxWait: Duration = .seconds(600),
    existing: Existing = .converge, healthy: Healthy = .all, prune: Bool = false, lockWait: Duration = .seconds(300),
    user: String, role: UserRole = .admin
  ) {
    self.kind = kind
    self.stack = stack
    self.revision = revision
    self.zone = zone
    self.variables = variables
    self.skip = skip
    self.maxWait = maxWait
    self.existing = existing
    self.healthy = healthy
    self.prune = prune
    self.lockWait = lockWait
    self.user = user
    self.role = role
  }
}

/// How a person settles a step of which nobody can tell whether it happened.
package enum ResumeDecision: String, Sendable, Hashable, CaseIterable {
  case retryStep = "retry-step"
  case skipStep = "skip-step"
}
