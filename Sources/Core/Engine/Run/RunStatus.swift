package import Concurrency
package import StackModel
package import Store

/// What a run does at one moment.
package struct RunStatus: Sendable, Hashable {
  package var id: RunID
  package var kind: RunRecord.Kind
  package var stack: String
  package var revision: Int
  package var zone: String
  package var state: RunRecord.State
  package var createdAt: Timestamp
  package var createdBy: String
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  /// Why it failed or is blocked.
  package var failure: RunFailure?
  /// Set while the run as a whole waits: for a lock, or for the cluster to answer.
  package var waiting: WaitingReason?
  /// A person asked for it to end, and it has not ended yet.
  package var isCancelling: Bool
  /// In the order of the stack; of a stack with a function in place of its graph, that function alone.
  package var applications: [ApplicationStatus]
  /// The stack's variables so far: those that every run has, and those that applications have added.
  package var variables: OrderedMap<String>
  /// The journal's last sequence that this status is derived from: where `events(after:)` goes on without a gap.
  package var sequence: Int64
}

package struct ApplicationStatus: Sendable, Hashable {
  package enum Operation: String, Sendable, Hashable {
    case deploy
    case destroy
    /// Nothing of its own on the cluster: the function of a stack that has one in place of its graph.
    case run
  }

  package enum State: String, Sendable, Hashable, CaseIterable {
    /// Not begun: it waits for others, or for the run.
    case pending
    case running
    /// A step of it needs a person's decision.
    case blocked
    case done
    case failed
    /// Left out by `--skip`; counts as running.
    case skipped
    /// Its work was ended because the run failed elsewhere or was cancelled.
    case stopped
  }

  /// What the run did to the application on the cluster.
  package enum Change: String, Sendable, Hashable {
    case created, updated, unchanged, adopted, restarted, destroyed
    /// It was not there when it was to be removed.
    case absent
  }

  /// The application's; the stack's name where it is the stack's function.
  package var id: String
  package var operation: Operation
  package var state: State
  /// The current or last step's name.
  package var step: String?
  /// When the current step began.
  package var stepSince: Timestamp?
  package var waiting: WaitingReason?
  package var failure: RunFailure?
  package var change: Change?
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  package var dependencies: [String]
  /// Names of the steps that it has, in order, without those that have nothing to do.
  package var steps: [String]
  /// How many instances it has, run and are healthy, as last seen; of a run that is over, when it became healthy.
  package var instances: Instances?
  /// `http://host:port` of its first task, once it is healthy and has a port.
  package var endpoint: String?
  /// What its scripts work on, in the order of their first calls; one of each script for each application on the cluster.
  package var called: [CalledApplicationStatus] = []

  package struct Instances: Sendable, Hashable {
    package var wanted: Int
    package var running: Int
    /// `nil` for an application without health checks.
    package var healthy: Int?

    init(wanted: Int, running: Int, healthy: Int?) {
      self.wanted = wanted
      self.running = running
      self.healthy = healthy
    }

    init(_ live: LiveApplication) {
      self.init(
        wanted: live.instances, running: live.tasksRunning, healthy: live.hasHealthChecks ? live.tasksHealthy : nil)
    }
  }

  /// One sentence about what it does or how it ended: `launch`, `waits for db`, the failure's reason.
  package var sentence: String {
    if let failure { return failure.reason }
    if let waiting { return waiting.sentence }
    switch state {
    case .pending: return "not started"
    case .running, .blocked: return step ?? "starts"
    case .done: return change.map(\.rawValue) ?? "done"
    case .failed: return "failed"
    case .skipped: return "skipped"
    case .stopped: return "stopped"
    }
  }
}
