import Concurrency
import Testing

@Suite struct AsyncSignalTests {
  @Test func wakesAllAndStaysFired() async throws {
    let signal = AsyncSignal()
    let woken = Locked(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await signal.wait()
          woken.withLock { $0 += 1 }
        }
      }
      #expect(!signal.isFired)
      signal.fire()
      signal.fire()
      try await group.waitForAll()
    }
    #expect(woken.withLock { $0 } == 50)
    #expect(signal.isFired)
    try await signal.wait()
  }

  @Test func cancelledWaitersLeave() async {
    let signal = AsyncSignal()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await #expect(throws: CancellationError.self) { try await signal.wait() } }
      group.cancelAll()
    }
  }
}
