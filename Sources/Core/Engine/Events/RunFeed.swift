import Concurrency
import JSON
import Store

/// What a run has to tell those who follow it. Followers come and take: however slow one is, neither the run nor anyone else
/// waits for it, and what no longer stands here stands in the journal.
final class RunFeed: Sendable {
  private struct State {
    var sequence: Int64
    /// Whether anybody has come to look. Until then nothing is kept: a thousand runs that wait would keep it a thousand times.
    var isFollowed = false
    /// The last events of the journal, without a gap up to `sequence`.
    var recent: [RunEvent] = []
    /// Passing notes, each with its number; few are kept.
    var notes: [(number: Int, event: RunEvent)] = []
    var lastNote = 0
    var isClosed = false
    var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    var nextWaiter: UInt64 = 0

    mutating func takeWaiters() -> [CheckedContinuation<Void, any Error>] {
      defer { waiters.removeAll() }
      return Array(waiters.values)
    }
  }

  /// What a follower finds.
  enum Look: Sendable {
    case events([RunEvent], lastNote: Int)
    /// The next event is older than what is kept here: read the journal.
    case inJournal
    /// Nothing new.
    case nothing
    /// Nothing new, and nothing more will come from this server.
    case closed
  }

  private static let keptEvents = 256
  private static let keptNotes = 64
  /// Events that a follower gets at once: each of a thousand that begin has a copy of them.
  private static let batch = 16
  private let state: Locked<State>

  init(sequence: Int64) {
    state = Locked(State(sequence: sequence))
  }

  /// Entries that are durable now, of which the last has this sequence.
  func announce(_ entries: [JournalEntry], sequence: Int64, of run: RunID, at now: Timestamp) {
    let isFollowed = state.withLock { $0.isFollowed }
    // Of many at once the earlier ones would be dropped again.
    let kept = isFollowed ? entries.suffix(Self.keptEvents) : []
    let events = kept.enumerated().map { index, entry in
      RunEvent(entry, of: run, sequence: sequence - Int64(kept.count - 1 - index), at: now)
    }
    let waiters = state.withLock { state in
      state.sequence = sequence
      if kept.count < entries.count { state.recent = [] }
      state.recent += events
      // Half of them at once: to move the rest for each that comes would be most of the work.
      if state.recent.count > 2 * Self.keptEvents { state.recent.removeFirst(state.recent.count - Self.keptEvents) }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  func note(_ application: String?, _ reason: WaitingReason, of run: RunID, at now: Timestamp) {
    guard state.withLock({ $0.isFollowed }) else { return }
    let event = RunEvent(waiting: reason, application: application, run: run, sequence: nil, at: now)
    let waiters = state.withLock { state in
      state.lastNote += 1
      state.notes.append((state.lastNote, event))
      if state.notes.count > Self.keptNotes { state.notes.removeFirst() }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The run is over, or this server stops.
  func close() {
    let waiters = state.withLock { state in
      state.isClosed = true
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Nobody drives the run: unless somebody waits, none of its entries is kept. Whoever comes again reads the journal. Notes stand nowhere else, and
  /// are few.
  func rest() {
    state.withLock { state in
      guard state.waiters.isEmpty else { return }
      state.isFollowed = false
      state.recent = []
    }
  }

  /// Somebody comes to look: from here on there is something to see without the journal.
  func follow() { state.withLock { $0.isFollowed = true } }

  /// That of the last event.
  var sequence: Int64 { state.withLock { $0.sequence } }
  var lastNote: Int { state.withLock { $0.lastNote } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  func look(after sequence: Int64, afterNote note: Int) -> Look {
    state.withLock { state in
      if sequence < state.sequence {
        guard let first = state.recent.first?.sequence, first <= sequence + 1 else { return .inJournal }
        return .events(Array(state.recent[Int(sequence + 1 - first)...].prefix(Self.batch)), lastNote: note)
      }
      let notes = state.notes.filter { $0.number > note }
      if !notes.isEmpty { return .events(notes.map(\.event), lastNote: state.lastNote) }
      return state.isClosed ? .closed : .nothing
    }
  }

  /// Returns when there is something beyond these, or the feed is closed.
  func wait(beyond sequence: Int64, note: Int) async throws {
    let place = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        enum Outcome { case ready, cancelled, waits }
        let outcome = state.withLock { state -> Outcome in
          if Task.isCancelled { return .cancelled }
          if state.sequence > sequence || state.lastNote > note || state.isClosed { return .ready }
          state.waiters[place] = continuation
          // Perhaps it was busy with what it had while the run came to rest.
          state.isFollowed = true
          return .waits
        }
        switch outcome {
        case .ready: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .waits: break
        }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: place) }?.resume(throwing: CancellationError())
    }
  }
}
