import Engine
import MarathonClient

extension ClusterError {
  /// - Parameter isChange: whether the request would have changed something; then what may have happened is undecided.
  init(_ error: MarathonError, isChange: Bool) {
    let code: Code =
      switch error.code {
      case .exists: .exists
      case .locked: .locked(deployments: error.lockingDeployments)
      case .notFound: .notFound
      case .badRequest, .invalid, .refused: .invalid
      case .unauthorized, .forbidden: .unauthorized
      case .cancelled: error.mayHaveHappened && isChange ? .undecided : .cancelled
      case .server where isChange && error.mayHaveHappened: .failed
      case .notJSON where isChange && !error.mayHaveHappened: .invalid
      case .notJSON, .unexpectedAnswer: isChange ? .undecided : .unintelligible
      default: error.mayHaveHappened && isChange ? .undecided : .unavailable
      }
    self.init(code, error.description, originalText: error.originalText)
  }
}
