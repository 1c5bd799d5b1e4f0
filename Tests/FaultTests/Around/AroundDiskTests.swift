import Concurrency
import Engine
import EngineFakes
import FaultInjection
import FaultyVFS
import StackModel
import Store
import StoreSQLite
import Testing

/// The disk under the store is full, fails, or writes half of what it is given, at each operation on the store's files; runs
/// wait and say so, and go on as if nothing had been.
@Suite(.timeLimit(.minutes(30))) struct AroundDiskTests {
  private static let actions = [FAULTY_VFS_FULL, FAULTY_VFS_ERROR, FAULTY_VFS_TORN_ERROR]

  @Test(arguments: [Saga.diamond, .tasks, .down, .failingAfterTasks, .queue])
  func everyOperationOnTheStoresFilesMayFail(_ saga: Saga) async throws {
    try #require(faulty_vfs_install() == 0)
    var counting = SagaPlay(saga: saga, storage: .sqlite, title: "no fault")
    let operations = Locked(0)
    counting.storeOpened = { faulty_vfs_arm($0, 0, 0, 0) }
    counting.storeLeft = { operations.withLock { $0 = Int(faulty_vfs_count()) } }
    let baseline = try await counting.run().trace
    let all = (1...max(1, operations.withLock { $0 })).flatMap { number in
      Self.actions.flatMap { action in [1, 4].map { (number: number, action: action, count: $0) } }
    }
    let chosen = FaultBudget.choose(all, sample: 12, for: "disk \(saga)")
    let faults = Locked(0)
    for (number, action, count) in chosen {
      var play = SagaPlay(saga: saga, storage: .sqlite)
      play.title = "operations \(number) to \(number + count - 1) fail with \(action.rawValue), \(FaultBudget.again)"
      play.storeOpened = { faulty_vfs_arm($0, Int32(action.rawValue), number, count) }
      play.storeLeft = {
        faults.withLock { $0 += Int(faulty_vfs_faults()) }
        faulty_vfs_arm("", 0, 0, 0)
      }
      let result = try await play.run()
      let differences = result.trace.differences(from: baseline)
      #expect(differences.isEmpty, "\(saga), \(play.title)\n\(differences)")
    }
    FaultBudget.tried(faults.withLock { $0 }, "around", "\(saga) on a disk that fails")
  }

  @Test func aRunSaysThatTheDiskIsFull() async throws {
    try #require(faulty_vfs_install() == 0)
    let world = try SagaWorld(.sqlite)
    try await Saga.chain.prepare(world)
    let gate = ScriptedGate()
    try await world.serve(gate: gate) { engine, store in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      faulty_vfs_arm(world.storePath, Int32(FAULTY_VFS_FULL.rawValue), 1, .max)
      defer { faulty_vfs_arm("", 0, 0, 0) }
      var sentence = ""
      for _ in 0..<100_000 where sentence.isEmpty {
        let status = try await engine.status(run)
        if let waiting = status.waiting, waiting.cause.name == "store_unavailable" { sentence = waiting.sentence }
        if status.state.isFinal { break }
        await Task.yield()
      }
      #expect(sentence.hasPrefix("the server's store does not serve: There is no room left for \(world.storePath)"))
      faulty_vfs_arm("", 0, 0, 0)
      // The pauses between two tries have become longer than what this clock leaps over.
      let advancing = Task {
        while !Task.isCancelled {
          world.time.advance(by: .seconds(30))
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      defer { advancing.cancel() }
      let end = try await engine.waitUntilFinal(run)
      #expect(end.state == .succeeded)
      #expect(end.waiting == nil)
    }
    FaultBudget.tried(1, "around", "the disk is full for long")
  }
}
