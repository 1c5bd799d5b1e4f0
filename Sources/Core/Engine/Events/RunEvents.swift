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
    feed?.follow()
    return Iterator(run: run, sequence: after, store: store, feed: feed, note: feed?.lastNote ?? 0)
  }

  package struct Iterator: AsyncIteratorProtocol {
    let run: RunID
    var sequence: Int64
    let store: any Store
    let feed: RunFeed?
    var note: Int
    private var ready: [RunEvent] = []
    private var isOver = false
    /// Lines of the journal that are read at once.
    private static let page = 256

    init(run: RunID, sequence: Int64, store: any Store, feed: RunFeed?, note: Int) {
      self.run = run
      self.sequence = sequence
      self.store = store
      self.feed = feed
      self.note = note
    }

    /// - Throws: `StoreError`, `CancellationError`.
    package mutating func next() async throws -> RunEvent? {
      if ready.isEmpty {
        guard let batch = try await nextBatch() else { return nil }
        ready = batch.reversed()
      }
      return ready.popLast()
    }

    /// The events that are there next, at least one and not very many; waits if there is none. Who takes batches takes no
    /// single events.
    ///
    /// A follower that waits in here, perhaps for hours, keeps next to no memory: what handles events is not inlined, or the
    /// waiting function would have room for all its variables, which are kilobytes.
    /// - Throws: `StoreError`, `CancellationError`.
    package mutating func nextBatch() async throws -> [RunEvent]? {
      while true {
        switch look() {
        case .events(let events): return events
        case .journal:
          guard let events = try await readJournal() else { return nil }
          if !events.isEmpty { return events }
        case .nothing(let feed): try await feed.wait(beyond: sequence, note: note)
        case .end: return nil
        }
      }
    }

    private enum Look {
      case events([RunEvent])
      /// What comes next stands in the journal.
      case journal
      case nothing(RunFeed)
      case end
    }

    @inline(never)
    private mutating func look() -> Look {
      if isOver { return .end }
      guard let feed else { return .journal }
      switch feed.look(after: sequence, afterNote: note) {
      case .events(let events, let lastNote):
        note = lastNote
        return .events(taken(events, last: feed.sequence))
      case .inJournal: return .journal
      case .nothing: return .nothing(feed)
      case .closed: return .end
      }
    }

    /// What the journal has next; nil at its end, where a run that is over ends.
    @inline(never)
    private mutating func readJournal() async throws -> [RunEvent]? {
      // In a task of its own: a task keeps the memory that its deepest call has needed, and the store's are deep.
      let records = try await withThrowingTaskGroup(of: [JournalRecord].self) { [store, run, sequence] group in
        group.addTask { try await store.journal(of: run, after: sequence, limit: Self.page + 1) }
        return try await group.next() ?? []
      }
      return events(of: records)
    }

    /// None for entries that this release does not know: they are passed over.
    @inline(never)
    private mutating func events(of records: [JournalRecord]) -> [RunEvent]? {
      let page = records.prefix(Self.page)
      guard let last = page.last, let known = records.last else { return nil }
      let events = taken(
        page.compactMap { RunEvent($0, of: run) }, last: Swift.max(known.sequence, feed?.sequence ?? 0))
      sequence = last.sequence
      return events
    }

    /// Notes how far these come, and leaves out what would follow the run's last event.
    /// - Parameter last: the highest sequence that is known.
    private mutating func taken(_ events: [RunEvent], last: Int64) -> [RunEvent] {
      var events = events
      for index in events.indices where events[index].isFinal && events[index].sequence != last {
        events[index].isFollowed = true
      }
      if let number = events.last(where: { $0.sequence != nil })?.sequence { sequence = number }
      guard let final = events.firstIndex(where: \.isFinal) else { return events }
      isOver = true
      return Array(events[...final])
    }
  }
}
