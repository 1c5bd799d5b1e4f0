/// Why the cluster did not do what it was asked.
package struct ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// An application of that id is there already.
    case exists
    /// Deployments that are not over hold the application.
    case locked(deployments: [String])
    case notFound
    /// The cluster refused the definition: repeating it cannot help.
    case invalid
    case unauthorized
    /// Not reached, or an answer that says "not now" before anything was done: repeating it may help.
    case unavailable
    /// Not the cluster: the server's own store could not be used, and nothing was sent. Repeating it may help.
    case storeUnavailable
    /// The request was sent, and no answer tells whether it was carried out.
    case undecided
    /// The cluster answered a change with a failure of its own. Whether it did something has to be asked; if it did not,
    /// repeating it would most likely fail again.
    case failed
    /// An answer that makes no sense, to a request that changes nothing.
    case unintelligible
    /// The call was cancelled before it was sent.
    case cancelled
  }

  package var code: Code
  /// A sentence with what the cluster answered. No credentials.
  package var message: String
  /// The text that the original server gives its client for this error, without the application's id:
  /// `Marathon API error: …`. `nil` where it had none.
  package var originalText: String?

  package init(_ code: Code, _ message: String, originalText: String? = nil) {
    self.code = code
    self.message = message
    self.originalText = originalText
  }

  package var description: String { message }

  /// Whether a change that ended so may have happened all the same.
  var leavesDoubt: Bool {
    switch code {
    case .undecided, .failed, .unintelligible: true
    case .exists, .locked, .notFound, .invalid, .unauthorized, .unavailable, .storeUnavailable, .cancelled: false
    }
  }

  /// Whether asking again later may help, where the request was a read.
  var isTransient: Bool {
    switch code {
    case .unavailable, .storeUnavailable, .undecided, .failed, .unintelligible, .cancelled: true
    case .exists, .locked, .notFound, .invalid, .unauthorized: false
    }
  }
}
