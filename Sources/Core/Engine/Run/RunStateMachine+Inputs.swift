import Concurrency
import JSON
import ScriptHost
import StackModel
import Store

extension RunStateMachine {
  /// What the machine is told. Answers carry the token of the action that asked; a late or repeated one is ignored.
  enum Event: Sendable {
    /// The first event of this server's life with the run, after the journal was replayed.
    case begin
    case lockAcquired
    case lockHeld(by: RunID, user: String, since: Timestamp)
    case clusterInfo(Result<ClusterInfo, ClusterError>)
    case owned(Result<[OwnershipRecord], ClusterError>)
    case observed(application: String, token: Int, Result<Observation, ClusterError>)
    case changed(application: String, token: Int, Result<ClusterChange, ClusterError>)
    case disowned(application: String, token: Int, Result<Void, ClusterError>)
    case hook(application: String, token: Int, HookReport)
    /// A script makes a call that has to be journaled, or performed outside of it; with what it comes to, where that is known already.
    case called(application: String, token: Int, ScriptCall, CallEnd?)
    /// What a call gave that was to be performed.
    case performed(application: String, token: Int, call: Int, CallEnd)
    case scriptEnded(application: String, token: Int, ScriptEnd)
    case filled(application: String, token: Int, Result<OrderedMap<String>, TaskRunnerError>)
    case taskEnded(application: String, token: Int, Result<OrderedMap<String>, TaskRunnerError>)
    case log(application: String, token: Int, String?)
    case hint(ClusterEvent)
    /// The time asked for by `.wake` is over.
    case woke
    /// The wall clock was set by so much; no time has passed.
    case clockSet(by: Duration)
    case cancel(by: String)
    case resume(ResumeDecision, by: String)
    case approve(String, by: String)
    /// The journal may take no more; the text says which limit was met.
    case journalFull(String)
    /// The server stops: outcomes of what is under way are still taken, nothing new begins.
    case stop
  }

  /// What the machine wants done, in this order: what is appended must be durable before anything else is done.
  enum Action: Sendable, Hashable {
    case append(JournalEntry)
    /// Written together with the entries.
    case write(DocumentWrite)
    /// A passing reason for waiting, for those who look on.
    case note(application: String?, WaitingReason)
    case requestLock
    case readCluster
    case readOwnership
    case observe(ObservationOrder)
    case change(ChangeOrder)
    /// Removes the ownership record.
    case disown(application: String, clusterID: String, token: Int)
    /// Looks for a hook that may have been started before, and waits for its end if it was.
    case findHook(application: String, token: Int, HookKey)
    case startHook(application: String, token: Int, HookJob)
    case cancelHook(HookKey)
    /// Runs a script from its start; what the journal has of its calls is told to it again.
    case runScript(application: String, token: Int, ScriptOrder)
    case performCall(application: String, token: Int, CallOrder)
    /// Answers to several calls of a script reach it in the order of these.
    case answerCall(application: String, token: Int, call: Int, HostAnswer)
    /// Ends the script; `.scriptEnded` follows.
    case cancelScript(application: String, token: Int)
    case fill(application: String, token: Int, type: String, tasks: [LiveTask])
    case runTask(application: String, token: Int, type: String, TaskJob)
    case fetchLog(application: String, token: Int, TaskReference)
    /// Send `.woke` when the time from now to this instant is over, whatever the wall clock is set to meanwhile. It
    /// takes the place of the wish before.
    case wake(at: Timestamp)
    /// The run is over.
    case finish(hooks: [HookKey])
    /// Everything that was under way has its outcome, and the server stops.
    case halt
  }

  /// A look at one application on the cluster.
  struct ObservationOrder: Sendable, Hashable {
    var application: String
    var clusterID: String
    var token: Int
    var wantsOwner = false
    var wantsAgents = false
    /// Why instances wait, where fewer run than should.
    var wantsQueue = false
    /// The deployments under way, where the application is gone.
    var wantsDeployments = false
  }

  struct Observation: Sendable, Hashable {
    var live: LiveApplication?
    var owner: OwnershipRecord?
    var agents: ClusterSnapshot?
    var queue: QueueStatus?
    var deployments: Set<ClusterDeployment>?
  }

  struct ChangeOrder: Sendable, Hashable {
    var application: String
    var clusterID: String
    var token: Int
    var change: JournalEntry.Change
    /// The ownership as it was observed, and as it is to be before the change; both `nil` for a removal.
    var ownerBefore: OwnershipRecord?
    var owner: OwnershipClaim?
    /// The change is known to have happened: only the ownership is to be noted.
    var isSettled = false
    /// The version that the application has now, where it is settled.
    var versionNow: String?
  }

  /// The part of an ownership record that the machine knows.
  struct OwnershipClaim: Sendable, Hashable {
    var revision: Int
    var versionBefore: String?
    var definition: JSON
    /// Cluster ids.
    var dependencies: [String]
  }

  struct ScriptOrder: Sendable, Hashable {
    var reference: StepReference
    var script: HookScript
    /// What it may require, and its own file where it is one: by path.
    var files: [String: ContentHash]
    /// What the script sees as `ctx`.
    var context: JSON
    /// When the step began, for `time.now`.
    var since: Timestamp
    /// Whether the journal has calls of it, and beyond which sequence.
    var hasHistory: Bool
    var journaledAfter: Int64
  }

  struct CallOrder: Sendable, Hashable {
    var call: ScriptCall
    /// When it was called for the first time, also by a former server.
    var since: Timestamp
    var reference: StepReference
    var grants: ScriptGrants
    /// Where tasks of the run's own applications were seen to listen.
    var endpoints: Set<HTTPEndpoint>
  }

  enum CallEnd: Sendable, Hashable {
    case answered(HostAnswer)
    /// What is written becomes durable with the journal's entry of the answer: one fact.
    case written(HostAnswer, DocumentWrite)
    /// Nobody can tell whether it happened; why.
    case undecided(String)
  }

  enum ScriptEnd: Sendable, Hashable {
    case returned
    case failed(ScriptFailure)
    /// It waits for longer than a worker is kept: not an end at all, and never told to the machine.
    case suspended
    /// It is not the script that the journal tells of.
    case diverged(String)

    static let cancelled = failed(ScriptFailure(.cancelled, "it was cancelled"))
  }

  enum HookReport: Sendable, Hashable {
    case ended(HookResult)
    /// Never started.
    case absent
    /// Neither running nor finished.
    case unknown(String)
    case notStarted(String)
  }
}
