package import Concurrency
package import JSON
package import Store

/// One change of a run, for those who follow it.
///
/// Events with a sequence are the run's journal: they can be had again at any time and come in order, without a gap.
/// Those without are passing notes: a poll's result is not worth a journal entry.
package struct RunEvent: Sendable, Hashable {
  package struct Kind: Sendable, Hashable, CustomStringConvertible {
    /// The run was accepted and waits for its turn.
    package static let accepted = Kind("accepted")
    /// `data.state` is the run's new state; the last event of a run is one with a final state.
    package static let runState = Kind("run_state")
    /// An application's state changed to `data.state`.
    package static let applicationState = Kind("application_state")
    package static let stepStarted = Kind("step_started")
    /// `data.outcome` is `succeeded`, `failed`, `repeated` (it did not happen and will be tried again), `in_doubt` or
    /// `skipped`.
    package static let stepEnded = Kind("step_ended")
    /// A script calls a function of the host, or has got its answer: `data.function`, `data.arguments`, and `data.error` for
    /// a call that failed.
    package static let call = Kind("call")
    /// A line that a script has logged at `data.level`.
    package static let log = Kind("log")
    /// Why an application, or the run where there is none, does not go on at the moment.
    package static let waiting = Kind("waiting")
    /// Variables that an application added: `data.variables`.
    package static let variables = Kind("variables")
    package static let cancelRequested = Kind("cancel_requested")
    package static let resumed = Kind("resumed")
    /// Facts that the run goes on from, such as the cluster that it found.
    package static let information = Kind("information")

    package let description: String

    init(_ text: String) {
      description = text
    }
  }

  package var run: RunID
  /// The journal's sequence; `nil` for a passing note.
  package var sequence: Int64?
  package var at: Timestamp
  package var kind: Kind
  package var application: String?
  package var step: String?
  /// One sentence for people.
  package var sentence: String
  /// What programs may want to know; its members depend on the kind.
  package var data: JSON
  /// The hook that has ended, for a `stepEnded` of one; also the function of a stack, whose commands stand below it.
  package var hook: HookKey?

  /// Whether another event is known to come after it: a run that has failed may go on.
  package var isFollowed = false

  /// Whether this is the last event that the run has, unless a person has it go on after it has failed.
  package var isFinal: Bool {
    !isFollowed && kind == .runState && RunRecord.State(rawValue: data["state"]?.stringValue ?? "")?.isFinal == true
  }
}
