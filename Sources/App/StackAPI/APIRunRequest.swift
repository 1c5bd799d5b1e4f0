/// `POST /api/v1/runs`. What is left out takes the server's default.
package struct APIRunRequest: Sendable, Hashable, Codable {
  package var stack: String
  package var revision: Int?
  package var zone: String?
  package var variables: [String: String]?
  /// Patterns of application ids that count as running.
  package var skip: [String]?
  /// Seconds that each wait of an application may take.
  package var maxWait: Double?
  /// `converge`, `fail` or `adopt`.
  package var existing: String?
  /// `all` or `any`.
  package var healthy: String?
  /// Seconds to wait for the run that holds the stack; 0 refuses at once.
  package var lockWait: Double?
  /// Remove what the stack has deployed and no longer has.
  package var prune: Bool?

  package init(
    stack: String, revision: Int? = nil, zone: String? = nil, variables: [String: String]? = nil,
    skip: [String]? = nil, maxWait: Double? = nil, existing: String? = nil, healthy: String? = nil,
    lockWait: Double? = nil, prune: Bool? = nil
  ) {
    self.stack = stack
    self.revision = revision
    self.zone = zone
    self.variables = variables
    self.skip = skip
    self.maxWait = maxWait
    self.existing = existing
    self.healthy = healthy
    self.lockWait = lockWait
    self.prune = prune
  }
}

/// `POST /api/v1/stacks/{stack}/down`: a run that destroys what the stack has deployed.
package struct APIDownRequest: Sendable, Hashable, Codable {
  package var zone: String?
  /// Seconds that each wait of an application may take.
  package var maxWait: Double?
  /// Seconds to wait for the run that holds the stack; 0 refuses at once.
  package var lockWait: Double?

  package init(zone: String? = nil, maxWait: Double? = nil, lockWait: Double? = nil) {
    self.zone = zone
    self.maxWait = maxWait
    self.lockWait = lockWait
  }
}

/// The answer to both: 202, the run is stored and goes on whatever becomes of the caller.
package struct APIRunAccepted: Sendable, Hashable, Codable {
  package var id: Int64

  package init(id: Int64) {
    self.id = id
  }
}

/// `POST /api/v1/runs/{run}/resume`.
package struct APIResumeRequest: Sendable, Hashable, Codable {
  package enum Decision: String, Sendable, Hashable, Codable, CaseIterable {
    case retryStep = "retry_step"
    case skipStep = "skip_step"
  }

  package var decision: Decision

  package init(decision: Decision) {
    self.decision = decision
  }
}

/// `POST /api/v1/runs/{run}/approve`.
package struct APIApproval: Sendable, Hashable, Codable {
  /// What a script of the run waits for.
  package var name: String

  package init(name: String) {
    self.name = name
  }
}
