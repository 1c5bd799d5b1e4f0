import Concurrency
import StackModel
import Store

/// One application's way through a run.
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
    case filling
    case task
    /// Fetches the log that goes with a failure.
    case failing(RunFailure)
    /// Looks again at this instant, or earlier on a hint.
    case resting(until: Timestamp)

    /// Something happens whose outcome must be known before the run may end.
    var isEffect: Bool {
      switch self {
      case .changing, .confirming, .disowning, .hook, .task: true
      case .idle, .observing, .settling, .reading, .filling, .failing, .resting: false
      }
    }
  }

  /// The id in the stack (for a removal that in the cluster); names the application in the journal.
  let id: String
  let clusterID: String
  let operation: ApplicationStatus.Operation
  /// As merged, its variables not replaced; `nil` for a removal.
  let template: Application?
  /// Ids of those that must be done first.
  let dependencies: [String]
  let steps: [Step]

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
  var waitingNotes = 0

  // What this server knows beside.
  var activity = Activity.idle
  /// Names the question whose answer is expected.
  var token = 0
  /// Looks that brought nothing new, for the pauses between them.
  var tries = 0
  /// A hint came while an answer was on its way.
  var mustLookAgain = false
  /// The first of two reads that have to agree before a change counts as not having happened.
  var firstRead: SettlingRead?
  /// What left the last change in doubt.
  var doubt: ClusterError?
  var live: LiveApplication?
  var waiting: WaitingReason?

  struct SettlingRead: Sendable, Hashable {
    var at: Timestamp
    var version: String?
  }

  init(
    id: String, clusterID: String, operation: ApplicationStatus.Operation, template: Application?,
    dependencies: [String], steps: [Step]
  ) {
    self.id = id
    self.clusterID = clusterID
    self.operation = operation
    self.template = template
    self.dependencies = dependencies
    self.steps = steps
  }

  /// It, and whatever needs it, is not done.
  var isOpen: Bool { state != .done && state != .skipped }

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
  }
}
