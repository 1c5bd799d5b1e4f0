/// Why a run failed, or cannot go on without a person: where, why, and the last lines of the log that shows it.
package struct RunFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is to blame where it is not the stack itself.
  package enum Cause: String, Sendable, Hashable, CaseIterable {
    /// The cluster refused, or did not serve.
    case cluster
    /// What was waited for did not come in time.
    case timeout
    /// Somebody else has what the run needs: another run, another stack, another deployment.
    case conflict
  }

  /// The application's id; `nil` where the run as a whole failed.
  package var application: String?
  /// The step's name: `before_scheduler`, `launch`, `tasks/brokers/run`.
  package var step: String?
  /// One sentence.
  package var reason: String
  /// Hook output or a task's standard error, at most some KB.
  package var logTail: String?
  /// What the original server answers its client for this failure; `nil` where it had nothing like it.
  package var originalText: String?
  /// The number of the script's call of which nobody can tell whether it was carried out, where that is why the run is blocked.
  package var call: Int?
  /// `nil`: the stack, e.g. its hook or a definition that cannot be built.
  package var cause: Cause?

  package init(
    application: String? = nil, step: String? = nil, reason: String, logTail: String? = nil,
    originalText: String? = nil, cause: Cause? = nil
  ) {
    self.application = application
    self.step = step
    self.reason = reason
    self.logTail = logTail
    self.originalText = originalText
    self.cause = cause
  }

  /// `web: hook before_scheduler exited with status 3`, without the log.
  package var description: String {
    if let application { "\(application): \(reason)" } else { reason }
  }
}
