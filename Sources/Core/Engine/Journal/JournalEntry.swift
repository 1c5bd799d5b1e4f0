import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

/// One fact of a run. The run's state is nothing but these, one after another; they are written before anything that
/// relies on them happens.
enum JournalEntry: Sendable, Hashable {
  /// The format of entries and snapshots. A journal with a higher one is not understood.
  static let format = 1

  case accepted(by: String)
  case runState(RunRecord.State, RunFailure?)
  /// The cluster that the run works on.
  case cluster(ClusterFact)
  /// What the run has to remove; decided once, from what the stack owns at that moment.
  case removals([Removal])
  case applicationState(application: String, ApplicationStatus.State, RunFailure?)
  /// A step that may have to wait before it does anything; `until` is the instant at which it fails.
  case began(StepReference, until: Timestamp?)
  /// Written before an effect.
  case intent(StepReference, Intent)
  /// Written after it.
  case outcome(StepReference, Outcome)
  /// Written before a host call of a script that has an effect; the call is one of the step's.
  case called(StepReference, CallRecord)
  /// What a host call gave. Of calls without an effect it is the only entry.
  case answered(StepReference, CallRecord, HostAnswer)
  /// A line of a script's log.
  case logged(StepReference, CallRecord, level: String, String)
  case variables(application: String, OrderedMap<String>)
  case waiting(application: String?, WaitingReason)
  case cancelRequested(by: String)
  case resumed(StepReference?, ResumeDecision, by: String)

  struct ClusterFact: Sendable, Hashable {
    var id: String
    var version: String
    var mesosMaster: String?
  }

  struct Removal: Sendable, Hashable {
    /// The id on the cluster, with its slash.
    var application: String
    /// Those that must be gone first.
    var after: [String]
  }

  enum Intent: Sendable, Hashable {
    case change(Change)
    case hook(HookKey)
    /// With what the script sees as `ctx`.
    case script(JSON)
    case task
  }

  /// What is about to be done to an application, with all that tells afterwards whether it happened.
  struct Change: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
      case create, update, adopt, restart, destroy
    }

    var kind: Kind
    /// The definition wanted; for `restart` what the application is expected to keep; `null` for `destroy`.
    var definition: JSON
    /// SHA-256 of the definition's canonical text, in hex; empty for `destroy`.
    var digest: String
    /// The application's version before; `nil` if it did not exist.
    var versionBefore: String?
  }

  enum Outcome: Sendable, Hashable {
    case succeeded(Success)
    /// It certainly did not happen; the step goes on with the next attempt.
    case notPerformed(String)
    /// Nobody can tell yet.
    case undecided(String)
    case failed(RunFailure)
    /// A person decided to go on without it.
    case skipped
  }

  struct Success: Sendable, Hashable {
    var change: ApplicationStatus.Change?
    /// The deployment that the change started and that has to end.
    var deployment: String?
    var version: String?
    /// It was found to have happened, by asking the cluster.
    var isSettled = false
    var endpoint: String?
    /// How many there were when it became healthy.
    var instances: ApplicationStatus.Instances?
    /// The end of a hook's output.
    var output: String?
  }
}
