import Concurrency

/// What large runs leave behind.
extension Engine {
  /// Whose end is worth it, in applications.
  static let largeRun = 1_000

  /// Gives memory back after large runs, which else stays with the process for good: some 40 KiB for each application.
  func giveBackMemory(_ environment: EngineEnvironment) async {
    for await _ in largeRunsEnded {
      // Until those who followed the run have let go of it.
      do { try await environment.time.sleep(for: .seconds(1)) } catch { return }
      // Takes tens of milliseconds, for which no task should be kept from its thread.
      startThread(named: "give-back") { giveBackFreeMemory() }
    }
  }
}
