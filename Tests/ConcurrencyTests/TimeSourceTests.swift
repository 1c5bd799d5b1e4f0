import Concurrency
import Testing

@Suite struct TimeSourceTests {
  @Test func manualTimeWakesInOrderOfDeadlines() async throws {
    let time = ManualTime()
    let woken = Locked([Int]())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for seconds in [3, 1, 2] {
        group.addTask {
          try await time.sleep(for: .seconds(seconds))
          woken.withLock { $0.append(seconds) }
        }
      }
      await time.waitForSleepers(3)
      #expect(time.nextDeadline == time.now() + .seconds(1))
      time.advance(by: .milliseconds(999))
      #expect(time.sleeperCount == 3)
      time.advance(by: .milliseconds(1))
      #expect(time.sleeperCount == 2)
      time.advance(by: .seconds(5))
      try await group.waitForAll()
    }
    #expect(woken.withLock { $0.sorted() } == [1, 2, 3])
    #expect(time.now() == Timestamp(millisecondsSinceEpoch: 6_000))
  }

  @Test func manualTimeDoesNotSleepForThePast() async throws {
    let time = ManualTime(Timestamp(millisecondsSinceEpoch: 5_000))
    try await time.sleep(until: Timestamp(millisecondsSinceEpoch: 5_000))
    try await time.sleep(for: .zero)
  }

  @Test func cancelledSleepersLeave() async {
    let time = ManualTime()
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          try await time.sleep(for: .seconds(1))
          return false
        } catch {
          return error is CancellationError
        }
      }
      await time.waitForSleepers()
      group.cancelAll()
      #expect(await group.next() == true)
    }
    #expect(time.sleeperCount == 0)
  }

  @Test func systemTimeSleeps() async throws {
    let time = SystemTime()
    let start = time.now()
    try await time.sleep(for: .milliseconds(5))
    try await time.sleep(until: time.now() + .milliseconds(5))
    #expect(time.now() - start >= .milliseconds(9))
    try await time.sleep(until: start)
  }
}
