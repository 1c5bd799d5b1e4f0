import Concurrency
import JSON
import Store

/// A run that this server drives, as all who deal with it see it.
final class LiveRun: Sendable {
  let id: RunID
  let lane: RunLocks.Lane
  let user: String
  let mailbox = Mailbox<RunDriver.Delivery>()
  let feed: RunFeed
  let replays: ReplayBudget
  private let machine: Locked<RunStateMachine>
  private let state: Locked<State>

  private struct State {
    var record: RunRecord
    var scripts: [LiveScript.Key: LiveScript] = [:]
    var bytesJournaled = 0
    var storeTrouble: WaitingReason?
    var parkedClock: ClockWatch?
    var alarms = 0
  }

  init(machine: RunStateMachine, record: RunRecord) {
    id = machine.id
    lane = RunLocks.Lane(stack: record.stack, zone: record.zone)
    user = record.createdBy
    feed = RunFeed(sequence: machine.sequence)
    replays = ReplayBudget(limit: machine.options.limits.replayCPU, used: machine.replayed)
    self.machine = Locked(machine)
    // What the snapshot says the machine has.
    var record = record
    record.snapshot = .null
    state = Locked(State(record: record))
  }

  /// Written to the journal in this server's life, about.
  var bytesJournaled: Int { state.withLock { $0.bytesJournaled } }

  func journaled(_ bytes: Int) { state.withLock { $0.bytesJournaled += bytes } }

  func post(_ event: RunStateMachine.Event) { mailbox.post(.event(event)) }

  /// The number of an alarm that takes the place of those before: it rings earlier, and all that is still to come is asked for again then.
  func nextAlarm() -> Int {
    state.withLock { state in
      state.alarms += 1
      return state.alarms
    }
  }

  func ring(_ number: Int) {
    if state.withLock({ $0.alarms == number }) { post(.woke) }
  }

  /// The machine as of the last commit: nothing of it can be lost any more.
  var committed: RunStateMachine { machine.withLock { $0 } }

  /// A part of it, without a copy of the whole: the next commit would have to copy all walks on its account.
  func committed<Part>(_ part: (RunStateMachine) -> Part) -> Part { machine.withLock { part($0) } }

  func publish(_ machine: inout RunStateMachine) {
    self.machine.withLock { machine.publish(to: &$0) }
  }

  func script(_ application: String, _ token: Int) -> LiveScript? {
    state.withLock { $0.scripts[LiveScript.Key(application: application, token: token)] }
  }

  func setScript(_ script: LiveScript?, _ application: String, _ token: Int) {
    state.withLock { $0.scripts[LiveScript.Key(application: application, token: token)] = script }
  }

  /// Whether one of its scripts waits for an answer without a worker.
  var hasParkedScript: Bool { state.withLock { $0.scripts.values.contains { $0.answers.isParked } } }

  /// The clock of whoever drove the run before it was parked; nil for one that was not.
  var parkedClock: ClockWatch? {
    get { state.withLock { $0.parkedClock } }
    set { state.withLock { $0.parkedClock = newValue } }
  }

  /// Set while the run stands still because its journal cannot be written.
  var storeTrouble: WaitingReason? {
    get { state.withLock { $0.storeTrouble } }
    set { state.withLock { $0.storeTrouble = newValue } }
  }

  var status: RunStatus {
    var status = committed.status
    if let storeTrouble, !status.state.isFinal { status.waiting = storeTrouble }
    return status
  }

  var record: RunRecord {
    get { state.withLock { $0.record } }
    set { state.withLock { $0.record = newValue } }
  }
}
