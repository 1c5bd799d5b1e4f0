package import Store

/// Why the engine did not do what it was asked.
package struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    case stackNotFound
    case zoneNotFound
    /// The stack cannot be run as it is: all problems at once.
    case invalid
    /// Another run holds the stack and zone.
    case locked(by: RunID)
    case runNotFound
    /// The run is not in a state in which this can be asked.
    case conflict
    /// The submission's key was used for another request.
    case otherRequest
    /// The engine is not running, or stops.
    case unavailable
    /// The store could not be used.
    case store(StoreError.Code)
  }

  package var code: Code
  /// A sentence for people.
  package var message: String
  /// One sentence each, in the order of the file.
  package var problems: [String]
  /// What the original server answers its client here; `nil` where it had nothing like it.
  package var originalText: String?

  package init(_ code: Code, _ message: String, problems: [String] = [], originalText: String? = nil) {
    self.code = code
    self.message = message
    self.problems = problems
    self.originalText = originalText
  }

  init(_ error: StoreError) {
    self.init(.store(error.code), error.description)
  }

  package var description: String {
    problems.isEmpty ? message : "\(message):\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
