/// Why a script did not end well, in sentences for its author.
package struct ScriptFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Budget: String, Sendable, Hashable {
    case cpu, memory, output, time
  }

  package enum Kind: Sendable, Hashable {
    /// It is no Lua.
    case syntax
    /// It raised an error, or returned what cannot be handed over.
    case runtime
    case budgetExceeded(Budget)
    /// The task that ran it was cancelled.
    case cancelled
    /// The worker ended without a word: the script made the Lua VM crash, or the system ended it.
    case workerDied
    /// The worker said what no worker says. It was ended.
    case brokenProtocol
    /// The helper program is missing, of another version, or cannot lock itself in.
    case helper
    /// The source is larger than the limit.
    case tooLarge
  }

  package let kind: Kind
  /// One sentence; for `syntax` and `runtime` it is the script's own and may have several lines.
  package let message: String
  /// `file:line` where the script was, if that is known.
  package let place: String?
  /// The script's functions at that moment, innermost first, as `file:line: in function 'name'`.
  package let trace: [String]
  /// The host's error that the script has not caught, as the script left it; nil for any other.
  package let raised: HostCallFailure?

  package init(
    _ kind: Kind, _ message: String, place: String? = nil, trace: [String] = [], raised: HostCallFailure? = nil
  ) {
    self.kind = kind
    self.message = message
    self.place = place
    self.trace = trace
    self.raised = raised
  }

  /// The message, beginning with the place if it is known.
  package var description: String {
    guard let place, !message.hasPrefix("\(place):") else { return message }
    return "\(place): \(message)"
  }
}
