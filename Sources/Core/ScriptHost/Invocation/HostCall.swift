package import JSON

/// What a script asks the host for. Everything in it comes from the script: nothing has been checked but its form.
package struct HostCall: Sendable, Hashable {
  /// Its place among the script's calls, from 1.
  package let number: Int
  /// One of the invocation's functions.
  package let function: String
  package let arguments: [JSON]
  /// The CPU time that the script had used when it made the call, its start included. Measured by the host.
  package var cpu: Duration

  package init(number: Int, function: String, arguments: [JSON], cpu: Duration = .zero) {
    self.number = number
    self.function = function
    self.arguments = arguments
    self.cpu = cpu
  }
}

/// The host's answer to a call.
package enum HostAnswer: Sendable, Hashable {
  /// What the function returns; null outermost is Lua's nil.
  case result(JSON)
  /// Raised in the script.
  case failure(HostCallFailure)
}

/// Why a call failed, as the script sees it.
package struct HostCallFailure: Error, Sendable, Hashable {
  /// A closed list, because scripts decide by it.
  package enum Code: String, Sendable, Hashable, CaseIterable {
    case invalidArgument = "invalid_argument"
    case notFound = "not_found"
    case conflict
    /// The script itself said so, with `fail`.
    case failed
    case httpStatus = "http_status"
    case timeout
    case unavailable
    case denied
    /// Raised again by every further call of the script.
    case cancelled
    /// Raised again by every further call of the script.
    case budgetExceeded = "budget_exceeded"
    case `internal`

    /// For people who write scripts.
    package var doc: String {
      switch self {
      case .invalidArgument: "An argument is not what the function takes. All that is wrong is told at once."
      case .notFound: "What was named does not exist."
      case .conflict: "Something else is under way, or has changed meanwhile."
      case .failed: "The script said so, with `fail`."
      case .httpStatus: "An answer's status was none of success."
      case .timeout: "It took longer than was allowed."
      case .unavailable: "It is not there now, and may be later."
      case .denied: "The script may not do this."
      case .cancelled: "The run was cancelled. Every further call raises it again."
      case .budgetExceeded: "A budget is used up. Every further call raises it again."
      case .internal: "The host failed; its log says more."
      }
    }
  }

  package var code: Code
  package var message: String
  /// Whether the same call may succeed later.
  package var retryable: Bool
  /// For programs.
  package var details: JSON
  /// What lies behind it, in a few words.
  package var cause: String?

  package init(
    _ code: Code, _ message: String, retryable: Bool = false, details: JSON = .null, cause: String? = nil
  ) {
    self.code = code
    self.message = message
    self.retryable = retryable
    self.details = details
    self.cause = cause
  }
}
