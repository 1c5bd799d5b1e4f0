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
  private let stored: Locked<RunRecord>
  private let scripts = Locked<[LiveScript.Key: LiveScript]>([:])
  private let written = Locked(0)
  private let trouble = Locked<WaitingReason?>(nil)
  private let parking = Locked(Parking())

  /// What is kept of the driving of a run while nobody drives it.
  struct Parking: Sendable {
    /// nil for a run that has not been parked.
    var clock: ClockWatch?
    /// When it is called, if it is.
    var alarm: Timestamp?
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
    stored = Locked(record)
  }

  /// Written to the journal in this server's life, about.
  var bytesJournaled: Int { written.withLock { $0 } }

  func journaled(_ bytes: Int) { written.withLock { $0 += bytes } }

  func post(_ event: RunStateMachine.Event) { mailbox.post(.event(event)) }

  /// The machine as of the last commit: nothing of it can be lost any more.
  var committed: RunStateMachine { machine.withLock { $0 } }

  /// A part of it, without a copy of the whole: the next commit would have to copy all walks on its account.
  func committed<Part>(_ part: (RunStateMachine) -> Part) -> Part { machine.withLock { part($0) } }

  func publish(_ machine: inout RunStateMachine) {
    self.machine.withLock { machine.publish(to: &$0) }
  }

  func script(_ application: String, _ token: Int) -> LiveScript? {
    scripts.withLock { $0[LiveScript.Key(application: application, token: token)] }
  }

  func setScript(_ script: LiveScript?, _ application: String, _ token: Int) {
    scripts.withLock { $0[LiveScript.Key(application: application, token: token)] = script }
  }

  /// Whether it waits for nothing but an answer to a script that has no worker: of which only a person's takes long, for all that can be told.
  var hasParkedScript: Bool { scripts.withLock { $0.values.contains { $0.answers.isParked } } }

  var parked: Parking {
    get { parking.withLock { $0 } }
    set { parking.withLock { $0 = newValue } }
  }

  /// Set while the run stands still because its journal cannot be written.
  var storeTrouble: WaitingReason? {
    get { trouble.withLock { $0 } }
    set { trouble.withLock { $0 = newValue } }
  }

  var status: RunStatus {
    var status = committed.status
    if let storeTrouble, !status.state.isFinal { status.waiting = storeTrouble }
    return status
  }

  var record: RunRecord {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
