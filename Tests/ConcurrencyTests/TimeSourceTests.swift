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

  @Test func settingTheClockMovesNoDuration() async throws {
    let time = ManualTime(Timestamp(millisecondsSinceEpoch: 10_000_000))
    let steady = SteadyTime(time)
    async let slept: Void = time.sleep(for: .seconds(10))
    await time.waitForSleepers()
    time.set(by: .seconds(-3_600))
    #expect(time.now() == Timestamp(millisecondsSinceEpoch: 6_400_000))
    #expect(steady.now() == Timestamp(millisecondsSinceEpoch: 10_000_000))
    time.set(by: .seconds(7_200))
    #expect(time.sleeperCount == 1)
    time.advance(by: .seconds(10))
    try await slept
    #expect(steady.now() == Timestamp(millisecondsSinceEpoch: 10_010_000))
    #expect(time.uptime() == .seconds(10))
  }

  @Test func anInstantThatTheClockIsSetBeyondHasCome() async throws {
    let time = ManualTime(Timestamp(millisecondsSinceEpoch: 0))
    async let slept: Void = time.sleep(until: Timestamp(millisecondsSinceEpoch: 60_000))
    await time.waitForSleepers()
    time.set(by: .seconds(60))
    try await slept
    #expect(time.uptime() == .zero)
  }

  @Test func theSystemsUptimePasses() async throws {
    let time = SystemTime()
    let start = time.uptime()
    try await time.sleep(for: .milliseconds(5))
    #expect(time.uptime() - start >= .milliseconds(5))
  }
}
