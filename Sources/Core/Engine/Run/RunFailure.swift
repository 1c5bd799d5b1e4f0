/// Why a run failed, or cannot go on without a person: where, why, and the last lines of the log that shows it.
package struct RunFailure: Error, Sendable, Hashable, CustomStringConvertible {
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

  package init(
    application: String? = nil, step: String? = nil, reason: String, logTail: String? = nil,
    originalText: String? = nil
  ) {
    self.application = application
    self.step = step
    self.reason = reason
    self.logTail = logTail
    self.originalText = originalText
  }

  /// `web: hook before_scheduler exited with status 3`, without the log.
  package var description: String {
    if let application { "\(application): \(reason)" } else { reason }
  }
}
