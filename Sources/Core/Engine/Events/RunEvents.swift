import Store

/// The events of one run from a sequence on: first from the journal, then as they happen, without a gap and without one twice.
/// Ends after the run's last event, or when the server stops.
package struct RunEvents: AsyncSequence, Sendable {
  package typealias Element = RunEvent
  package typealias Failure = any Error

  let run: RunID
  let after: Int64
  let store: any Store
  /// `nil` for a run that is over.
  let feed: RunFeed?

  package func makeAsyncIterator() -> Iterator {
    Iterator(run: run, sequence: after, store: store, feed: feed, note: feed?.lastNote ?? 0)
  }

  package struct Iterator: AsyncIteratorProtocol {
    let run: RunID
    var sequence: Int64
    let store: any Store
    let feed: RunFeed?
    var note: Int
    private var ready: [RunEvent] = []
    private var isOver = false

    init(run: RunID, sequence: Int64, store: any Store, feed: RunFeed?, note: Int) {
      self.run = run
      self.sequence = sequence
      self.store = store
      self.feed = feed
      self.note = note
    }

    /// - Throws: `StoreError`, `CancellationError`.
    package mutating func next() async throws -> RunEvent? {
      while !isOver {
        if let event = takeReady() {
          isOver = event.isFinal
          return event
        }
        guard let feed else {
          if try await readJournal() { continue }
          break
        }
        switch feed.look(after: sequence, afterNote: note) {
        case .events(let events, let lastNote):
          ready = events.reversed()
          note = lastNote
        case .inJournal:
          // What was announced has been committed, so it is there.
          guard try await readJournal() else { return nil }
        case .nothing: try await feed.wait(beyond: sequence, note: note)
        case .closed: return nil
        }
      }
      return nil
    }

    private mutating func takeReady() -> RunEvent? {
      guard let event = ready.popLast() else { return nil }
      // A follower that waits, perhaps for hours, keeps no memory of what it has read.
      if ready.isEmpty { ready = [] }
      if let number = event.sequence { sequence = number }
      return event
    }

    private mutating func readJournal() async throws -> Bool {
      let records = try await store.journal(of: run, after: sequence, limit: 256)
      ready = records.compactMap { RunEvent($0, of: run) }.reversed()
      // Entries that this release does not know are passed over.
      if ready.isEmpty, let last = records.last { sequence = last.sequence }
      return !records.isEmpty
    }
  }
}
