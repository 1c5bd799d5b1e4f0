import Concurrency
import Glibc
import Testing

@Suite struct LockAndThreadTests {
  @Test func lockExcludes() async {
    let counter = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<5_000 { counter.withLock { $0 += 1 } } }
      }
    }
    #expect(counter.withLock { $0 } == 40_000)
  }

  @Test func lockPassesErrorsOn() {
    struct Failure: Error, Equatable {}
    let lock = Locked(1)
    #expect(throws: Failure()) { try lock.withLock { (_) throws(Failure) in throw Failure() } }
    #expect(lock.withLock { $0 } == 1)
  }

  @Test func lockedValueIsReleased() {
    final class Tracked: Sendable {}
    weak var tracked: Tracked?
    do {
      let lock = Locked(Tracked())
      tracked = lock.withLock { $0 }
      #expect(tracked != nil)
    }
    #expect(tracked == nil)
  }

  @Test func threadsRunOutsideThePoolWithTheirName() async throws {
    let name = Locked("")
    let done = AsyncSignal()
    startThread(named: "a-rather-long-name") {
      var buffer = [CChar](repeating: 0, count: 64)
      let file = open("/proc/thread-self/comm", O_RDONLY)
      let count = read(file, &buffer, buffer.count)
      close(file)
      name.withLock { $0 = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self) }
      done.fire()
    }
    try await done.wait()
    #expect(name.withLock { $0 } == "a-rather-long-n\n")
  }
}
