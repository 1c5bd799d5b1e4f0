import Concurrency
import Store
import Testing

@testable import Engine

/// Those who follow a run see its whole journal, each entry once and in order.
@Suite struct RunEventsTests {
  private let run = RunID(7)
  private let now = Timestamp(millisecondsSinceEpoch: 1_000_000)

  private func announce(_ count: Int, on feed: RunFeed, upTo sequence: Int64, final: Bool = false) {
    var entries = [JournalEntry](repeating: .cancelRequested(by: "ann"), count: count)
    if final { entries[count - 1] = .runState(.succeeded, nil) }
    feed.announce(entries, sequence: sequence, of: run, at: now)
  }

  @Test func manyEventsComeInSeveralBatches() async throws {
    let feed = RunFeed(sequence: 0)
    var iterator = RunEvents(run: run, after: 0, store: MemoryStore(), feed: feed).makeAsyncIterator()
    announce(100, on: feed, upTo: 100)
    var batches: [[Int64]] = []
    while batches.joined().count < 100, let batch = try await iterator.nextBatch() {
      batches.append(batch.compactMap(\.sequence))
    }
    #expect(Array(batches.joined()) == Array(1...100))
    // Each follower has a copy of its batch.
    #expect(batches.count > 1)

    announce(3, on: feed, upTo: 103, final: true)
    feed.close()
    #expect(try await iterator.nextBatch()?.map(\.sequence) == [101, 102, 103])
    #expect(try await iterator.nextBatch() == nil)
  }

  @Test func nothingComesAfterTheLastEvent() async throws {
    let feed = RunFeed(sequence: 0)
    var events = RunEvents(run: run, after: 0, store: MemoryStore(), feed: feed).makeAsyncIterator()
    announce(2, on: feed, upTo: 2, final: true)
    feed.note("a", WaitingReason(step: nil, since: now, until: nil, cause: .starting("it starts")), of: run, at: now)
    var seen: [Int64?] = []
    while let event = try await events.next() { seen.append(event.sequence) }
    #expect(seen == [1, 2])
  }

  /// A run that had failed went on.
  @Test func anEndThatWasNoneIsPassedOver() async throws {
    let feed = RunFeed(sequence: 0)
    var events = RunEvents(run: run, after: 0, store: MemoryStore(), feed: feed).makeAsyncIterator()
    announce(2, on: feed, upTo: 2, final: true)
    announce(2, on: feed, upTo: 4, final: true)
    var seen: [Int64] = []
    while let event = try await events.next() {
      seen += event.isFinal ? [-(event.sequence ?? 0)] : [event.sequence ?? 0]
    }
    #expect(seen == [1, 2, 3, -4])
  }

  /// One that was busy while the run came to rest sees the notes that it has not seen, waits then, and hears what comes.
  @Test func whoeverIsBusyWhileTheRunRestsMissesNothing() async throws {
    let feed = RunFeed(sequence: 5)
    var iterator = RunEvents(run: run, after: 5, store: MemoryStore(), feed: feed).makeAsyncIterator()
    let reason = WaitingReason(step: "healthy", since: now, until: nil, cause: .starting("it starts"))
    feed.note("a", reason, of: run, at: now)
    feed.rest()
    #expect(try await iterator.nextBatch()?.map(\.application) == ["a"])
    let waiting = Task { [iterator] in
      var iterator = iterator
      return try await iterator.nextBatch()
    }
    // It waits, without end until something comes: then it follows again.
    try await eventually("follows") {
      feed.note("b", reason, of: run, at: now)
      return feed.lastNote > 1
    }
    #expect(try await waiting.value?.first?.application == "b")
  }

  @Test func notesComeBesideTheJournal() async throws {
    let feed = RunFeed(sequence: 5)
    var iterator = RunEvents(run: run, after: 5, store: MemoryStore(), feed: feed).makeAsyncIterator()
    let reason = WaitingReason(step: "healthy", since: now, until: nil, cause: .starting("it starts"))
    feed.note("a", reason, of: run, at: now)
    announce(1, on: feed, upTo: 6)
    #expect(try await iterator.nextBatch()?.map(\.sequence) == [6])
    #expect(try await iterator.nextBatch()?.map(\.application) == ["a"])
  }
}
