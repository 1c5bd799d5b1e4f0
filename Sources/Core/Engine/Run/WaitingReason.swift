package import Concurrency
package import Store

/// Why something does not go on at the moment: which step, since when, until when at most, and the cause.
package struct WaitingReason: Sendable, Hashable {
  package enum Cause: Sendable, Hashable {
    /// Ids of applications that must be done first (for `down`: gone first).
    case dependencies([String])
    /// Another run holds the stack and zone.
    case lock(run: RunID, user: String, since: Timestamp)
    /// The cluster cannot be reached, or answers that it cannot serve.
    case clusterUnavailable(String)
    /// The server's own store cannot be read or written, such as on a full disk: nothing of the run goes on until it can.
    case storeUnavailable(String)
    /// Another deployment on the cluster holds the application.
    case deploymentLocked([String])
    /// No agent's offer was good enough: the cluster's reasons.
    case offers([String])
    /// The cluster delays the next start after failures.
    case backoff(String)
    /// Tasks start, or the deployment is not over yet.
    case starting(String)
    /// A failing health check, with its last answer.
    case healthCheck(String)
    /// Tasks end again and again: how the last one ended.
    case crashing(String)
    /// A hook, or a stack's function, runs.
    case hook
    /// A script waits for the host: the call.
    case call(String)
    /// A script waits until a person approves what it names.
    case approval(String)
    /// A task runner works.
    case task
    /// The cluster is being asked whether a change happened that was under way when the server stopped.
    case settling(String)
    /// Tasks of an application that is being removed still run.
    case stopping(String)
    /// A person has to decide: `resume --retry-step` or `--skip-step`.
    case decision(String)

    /// The name that the API shows.
    package var name: String {
      switch self {
      case .dependencies: "dependencies"
      case .lock: "lock"
      case .clusterUnavailable: "cluster_unavailable"
      case .storeUnavailable: "store_unavailable"
      case .deploymentLocked: "deployment_locked"
      case .offers: "offers"
      case .backoff: "backoff"
      case .starting: "starting"
      case .healthCheck: "health_check"
      case .crashing: "crashing"
      case .hook: "hook"
      case .call: "call"
      case .approval: "approval"
      case .task: "task"
      case .settling: "settling"
      case .stopping: "stopping"
      case .decision: "decision"
      }
    }
  }

  /// The step's name; `nil` where no step has begun.
  package var step: String?
  package var since: Timestamp
  /// When waiting ends in a failure; `nil` for never.
  package var until: Timestamp?
  package var cause: Cause

  package init(step: String?, since: Timestamp, until: Timestamp?, cause: Cause) {
    self.step = step
    self.since = since
    self.until = until
    self.cause = cause
  }

  /// The cause for people, without a full stop: `waits for db, cache`.
  package var sentence: String {
    switch cause {
    case .dependencies(let ids): "waits for \(ids.joined(separator: ", "))"
    case .lock(let run, let user, let since):
      "lock held by run \(run) (\(user.isEmpty ? "" : "\(user), ")since \(since))"
    case .clusterUnavailable(let text): "the cluster does not serve: \(text)"
    case .storeUnavailable(let text): "the server's store does not serve: \(text)"
    case .deploymentLocked(let ids):
      "another deployment on the cluster holds it: \(ids.joined(separator: ", "))"
    case .offers(let reasons): reasons.isEmpty ? "waits for an offer" : reasons.joined(separator: "; ")
    case .backoff(let text), .starting(let text), .healthCheck(let text), .crashing(let text), .settling(let text),
      .stopping(let text), .decision(let text):
      text
    case .hook: hasFunction ? "its function runs" : "hook \(step ?? "") runs"
    case .call(let text): waits(for: text)
    case .approval(let name): waits(for: "the approval \(name)")
    case .task: "\(step ?? "task") runs"
    }
  }

  /// It is a stack's own function that waits, not a hook.
  private var hasFunction: Bool { step == Step.run.name }

  private func waits(for text: String) -> String { (hasFunction ? "" : "hook \(step ?? "") ") + "waits for \(text)" }
}
