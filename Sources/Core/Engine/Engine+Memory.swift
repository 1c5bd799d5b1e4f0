import Concurrency

/// What large runs leave behind.
extension LiveRun {
  /// Whether it has needed so much memory that its end is worth giving it back: some 40 KiB for each application, and what
  /// its scripts have moved.
  var isLarge: Bool { bytesJournaled >= 8 << 20 || committed { $0.walks.count >= 1_000 } }
}

extension Engine {
  /// What the driving of so many runs has needed is worth giving back when they are parked.
  private static let manyParked = 200

  /// Reading so many entries leaves enough behind to be worth giving it back: they may have some KiB each.
  private static let longJournal: Int64 = 5_000

  func noteParked() {
    let count = state.withLock { state in
      state.parked += 1
      return state.parked
    }
    if count.isMultiple(of: Self.manyParked) { memoryFreedInput.yield() }
  }

  func noteRead(_ machine: RunStateMachine) {
    if machine.sequence >= Self.longJournal { memoryFreedInput.yield() }
  }

  /// Gives memory back after large runs, and where many wait, which else stays with the process for good.
  func giveBackMemory(_ environment: EngineEnvironment) async {
    for await _ in memoryFreed {
      // Until those who followed the run have let go of it.
      do { try await environment.time.sleep(for: .seconds(1)) } catch { return }
      // Takes tens of milliseconds, for which no task should be kept from its thread.
      startThread(named: "give-back") { giveBackFreeMemory() }
    }
  }
}
