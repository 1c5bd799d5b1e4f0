package import Concurrency

/// A run in a list.
package struct APIRunSummary: Sendable, Hashable, Codable {
  package var id: Int64
  /// `run` or `down`.
  package var kind: String
  package var stack: String
  /// Empty for none.
  package var zone: String
  /// `queued`, `running`, `blocked`, `succeeded`, `failed` or `cancelled`.
  package var state: String
  /// In one sentence, where it failed or is blocked.
  package var error: String?
  package var createdAt: Timestamp
  package var createdBy: String
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?

  package init(
    id: Int64, kind: String, stack: String, zone: String, state: String, error: String?, createdAt: Timestamp,
    createdBy: String, startedAt: Timestamp?, endedAt: Timestamp?
  ) {
    self.id = id
    self.kind = kind
    self.stack = stack
    self.zone = zone
    self.state = state
    self.error = error
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.startedAt = startedAt
    self.endedAt = endedAt
  }

  /// Nothing more will happen to it.
  package var isFinal: Bool { ["succeeded", "failed", "cancelled"].contains(state) }
}

/// `GET /api/v1/runs?stack&zone&state&limit&page`, newest first; `state` may be repeated.
package struct APIRunPage: Sendable, Hashable, Codable {
  package var runs: [APIRunSummary]
  /// For `page` of the next call; nil at the end.
  package var next: String?

  package init(runs: [APIRunSummary], next: String?) {
    self.runs = runs
    self.next = next
  }
}

/// `GET /api/v1/runs/{run}`: what it does at this moment, and why it waits.
package struct APIRunStatus: Sendable, Hashable, Codable {
  package var run: APIRunSummary
  package var revision: Int
  package var failure: APIFailure?
  /// Set while the run as a whole waits, e.g. for a lock.
  package var waiting: APIWaiting?
  package var cancelling: Bool
  /// In the order of the stack.
  package var applications: [APIApplicationStatus]
  package var variables: [String: String]
  /// Events after this sequence are not in this status yet.
  package var sequence: Int64

  package init(
    run: APIRunSummary, revision: Int, failure: APIFailure?, waiting: APIWaiting?, cancelling: Bool,
    applications: [APIApplicationStatus], variables: [String: String], sequence: Int64
  ) {
    self.run = run
    self.revision = revision
    self.failure = failure
    self.waiting = waiting
    self.cancelling = cancelling
    self.applications = applications
    self.variables = variables
    self.sequence = sequence
  }
}

/// What went wrong, where, and the end of the log that shows it.
package struct APIFailure: Sendable, Hashable, Codable {
  package var application: String?
  package var step: String?
  package var reason: String
  package var logTail: String?

  package init(application: String?, step: String?, reason: String, logTail: String?) {
    self.application = application
    self.step = step
    self.reason = reason
    self.logTail = logTail
  }
}

/// Why something does not go on at the moment.
package struct APIWaiting: Sendable, Hashable, Codable {
  package var step: String?
  package var since: Timestamp
  /// When waiting ends in a failure; nil for never.
  package var until: Timestamp?
  /// `dependencies`, `lock`, `offers`, `health_check` …
  package var cause: String
  /// The cause for people: `waits for db, cache`.
  package var sentence: String

  package init(step: String?, since: Timestamp, until: Timestamp?, cause: String, sentence: String) {
    self.step = step
    self.since = since
    self.until = until
    self.cause = cause
    self.sentence = sentence
  }
}

package struct APIApplicationStatus: Sendable, Hashable, Codable {
  /// The stack's name where the operation is `run`.
  package var id: String
  /// `deploy`, `destroy`, or `run` for the function of a stack that has one in place of its graph.
  package var operation: String
  /// `pending`, `running`, `blocked`, `done`, `failed`, `skipped` or `stopped`.
  package var state: String
  /// What the run did to it on the cluster: `created`, `updated`, `unchanged`, `adopted`, `restarted`, `destroyed`, `absent`.
  package var change: String?
  package var step: String?
  package var stepSince: Timestamp?
  package var waiting: APIWaiting?
  package var failure: APIFailure?
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  package var dependencies: [String]
  /// The steps that it has, in order.
  package var steps: [String]
  package var instances: Instances?
  /// `http://host:port` of its first task.
  package var endpoint: String?
  /// One sentence about what it does or how it ended.
  package var sentence: String
  /// What its scripts work on, in the order of their first calls; nil where they have called for nothing.
  package var called: [APICalledApplication]?

  package struct Instances: Sendable, Hashable, Codable {
    package var wanted: Int
    package var running: Int
    /// Nil without health checks.
    package var healthy: Int?

    package init(wanted: Int, running: Int, healthy: Int?) {
      self.wanted = wanted
      self.running = running
      self.healthy = healthy
    }
  }

  package init(
    id: String, operation: String, state: String, change: String?, step: String?, stepSince: Timestamp?,
    waiting: APIWaiting?, failure: APIFailure?, startedAt: Timestamp?, endedAt: Timestamp?, dependencies: [String],
    steps: [String], instances: Instances?, endpoint: String?, sentence: String, called: [APICalledApplication]? = nil
  ) {
    self.id = id
    self.operation = operation
    self.state = state
    self.change = change
    self.step = step
    self.stepSince = stepSince
    self.waiting = waiting
    self.failure = failure
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.dependencies = dependencies
    self.steps = steps
    self.instances = instances
    self.endpoint = endpoint
    self.sentence = sentence
    self.called = called
  }
}
