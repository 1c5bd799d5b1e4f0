import Concurrency
import Testing

@Suite struct AsyncSemaphoreTests {
  @Test func letsInAtMostItsLimit() async throws {
    let semaphore = AsyncSemaphore(limit: 3)
    let state = Locked((inside: 0, most: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await semaphore.withPermit {
            state.withLock {
              $0.inside += 1
              $0.most = max($0.most, $0.inside)
            }
            await Task.yield()
            state.withLock { $0.inside -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    let (inside, most) = state.withLock { $0 }
    #expect(inside == 0)
    #expect(most <= 3)
  }

  @Test func servesInOrderAndSkipsTheCancelled() async throws {
    let semaphore = AsyncSemaphore(limit: 1)
    let order = Locked([Int]())
    let release = AsyncSignal()
    let held = AsyncSignal()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await semaphore.withPermit {
          held.fire()
          try await release.wait()
        }
      }
      try await held.wait()
      // Unstructured, because one of the line is cancelled alone.
      var line: [Task<Void, any Error>] = []
      for number in 0..<5 {
        line.append(Task { try await semaphore.withPermit { order.withLock { $0.append(number) } } })
        while semaphore.waiterCount <= number { await Task.yield() }
      }
      line[1].cancel()
      #expect(await line[1].result.isCancellation)
      #expect(semaphore.waiterCount == 4)
      release.fire()
      for (number, task) in line.enumerated() where number != 1 { try await task.value }
      try await group.waitForAll()
    }
    #expect(order.withLock { $0 } == [0, 2, 3, 4])
  }

  @Test func permitsComeBackAfterErrors() async throws {
    struct Failure: Error {}
    let semaphore = AsyncSemaphore(limit: 1)
    for _ in 0..<3 {
      await #expect(throws: Failure.self) { try await semaphore.withPermit { throw Failure() } }
    }
    #expect(try await semaphore.withPermit { 7 } == 7)
  }

  @Test func alreadyCancelledTasksDoNotEnter() async {
    let semaphore = AsyncSemaphore(limit: 1)
    let entered = Locked(false)
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask {
        await #expect(throws: CancellationError.self) {
          try await semaphore.withPermit { entered.withLock { $0 = true } }
        }
      }
    }
    #expect(!entered.withLock { $0 })
  }
}

extension Result {
  fileprivate var isCancellation: Bool {
    guard case .failure(let error) = self else { return false }
    return error is CancellationError
  }
}
