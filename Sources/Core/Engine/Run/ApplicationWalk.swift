import Concurrency
import JSON
import StackModel
import Store

/// One application's way through a run, or that of the function which a stack has in place of its graph.
struct ApplicationWalk: Sendable {
  /// How far the journal says the current step is.
  enum Stage: Sendable, Hashable {
    case fresh
    case begun
    /// An intent without an outcome: in doubt, unless an activity is about to bring the outcome.
    case intended(JournalEntry.Intent)
  }

  /// What is under way for the application in this server's life; the journal knows nothing of it.
  enum Activity: Sendable, Hashable {
    case idle
    /// Looks at the cluster before a change.
    case observing
    /// Looks whether a change happened.
    case settling
    /// Looks whether it is healthy, or gone.
    case reading
    case changing
    /// Notes the ownership of what was found to have happened.
    case confirming
    case disowning
    case hook(HookKey)
    case script
    case filling
    case task
    /// Fetches the log that goes with a failure.
    case failing(RunFailure)
    /// Looks again at this instant, or earlier on a hint.
    case resting(until: Timestamp)

    /// Something happens whose outcome must be known before the run may end.
    var isEffect: Bool {
      switch self {
      case .changing, .confirming, .disowning, .hook, .script, .task: true
      case .idle, .observing, .settling, .reading, .filling, .failing, .resting: false
      }
    }
  }

  /// The id in the stack (for a removal that in the cluster, for a stack's function the stack's name); names the application in the journal.
  let id: String
  /// Empty for a stack's function, which is nothing on the cluster.
  let clusterID: String
  let operation: ApplicationStatus.Operation
  /// As merged, its variables not replaced; `nil` for a removal and for a function.
  let template: Application?
  /// Ids of those that must be done first.
  let dependencies: [String]
  let steps: [Step]
  /// The script's call that it is for; `nil` for an application of the stack.
  let caller: ScriptedCaller?

  // What the journal says.
  var state = ApplicationStatus.State.pending
  var position = 0
  var attempt = 1
  var stage = Stage.fresh
  /// When the current step fails if it is still waiting.
  var until: Timestamp?
  var stepSince: Timestamp?
  var startedAt: Timestamp?
  var endedAt: Timestamp?
  var failure: RunFailure?
  var change: ApplicationStatus.Change?
  /// The deployment that has to end before the application is healthy, or gone.
  var deployment: String?
  var hookKeys: [HookKey] = []
  var endpoint: String?
  /// When it became healthy.
  var instances: ApplicationStatus.Instances?
  var script = ScriptProgress()
  var waitingNotes = 0

  // What this server knows beside.
  var activity = Activity.idle
  /// Names the question whose answer is expected.
  var token = 0
  /// Looks that brought nothing new, for the pauses between them.
  var tries = 0
  /// What the call is given that the walk is for.
  var arguments: JSONObject?
  /// The script's calls that are being performed, by their numbers.
  var performing: [Int: ScriptCall] = [:]
  /// How the script has ended, which does not count before what it has called for has its outcome.
  var pendingEnd: PendingEnd?
  /// The script has made a call for which nothing was done, since the run ends or its server stops.
  var hasLostCall = false
  /// A hint came while an answer was on its way.
  var mustLookAgain = false
  /// The first of two reads that have to agree before a change counts as not having happened.
  var firstRead: SettlingRead?
  /// What left the last change in doubt.
  var doubt: ClusterError?
  var live: LiveApplication?
  var waiting: WaitingReason?

  enum PendingEnd: Sendable, Hashable {
    case failed(RunFailure)
    case blocked(RunFailure)
  }

  struct SettlingRead: Sendable, Hashable {
    var at: Timestamp
    var version: String?
  }

  init(
    id: String, clusterID: String, operation: ApplicationStatus.Operation, template: Application?,
    dependencies: [String], steps: [Step], caller: ScriptedCaller? = nil
  ) {
    self.id = id
    self.clusterID = clusterID
    self.operation = operation
    self.template = template
    self.dependencies = dependencies
    self.steps = steps
    self.caller = caller
  }

  /// It, and whatever needs it, is not done. What a script waits for is no work of its own: its application is open meanwhile.
  var isOpen: Bool { state != .done && state != .skipped && caller == nil }

  /// Whether it came to an end, whichever.
  var isOver: Bool {
    switch state {
    case .done, .failed, .skipped, .stopped: true
    case .pending, .running, .blocked: false
    }
  }

  /// Whether its step is a script that has begun.
  var isInScript: Bool {
    if case .intended(.script) = stage { true } else { false }
  }

  /// Whether a walk that is for a script's call has to wait until the script, run again, makes that call.
  var awaitsCall: Bool {
    guard caller != nil, arguments == nil else { return false }
    if case .intended = stage { return false }
    return true
  }

  var step: Step? { steps.indices.contains(position) ? steps[position] : nil }

  var reference: StepReference? {
    step.map { StepReference(application: id, step: $0, attempt: attempt) }
  }

  /// A question to the outside: answers to earlier ones no longer count.
  mutating func start(_ activity: Activity) -> Int {
    self.activity = activity
    token += 1
    mustLookAgain = false
    return token
  }

  /// Forgets what belonged to the step before.
  mutating func enterStep(_ position: Int) {
    self.position = position
    attempt = 1
    stage = .fresh
    until = nil
    stepSince = nil
    tries = 0
    firstRead = nil
    doubt = nil
    waiting = nil
    activity = .idle
    script = ScriptProgress()
    performing = [:]
    pendingEnd = nil
    hasLostCall = false
  }
}
