import Processes

/// The system's Lua interpreter, a process for each script, as ours has one: with no limits, no confinement and nobody to talk to.
enum BareLua {
  static let anchorName = "1,000 times lua5.4 without a script, 64 at once"

  /// Seconds for a thousand.
  static func thousand() async throws -> Double {
    let begin = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<1_000 {
        if number >= 64 { try await group.next() }
        group.addTask {
          let process: RunningProcess
          do {
            process = try ProcessReactor.shared.spawn(
              ProcessSpecification(
                executable: "lua5.4", arguments: ["-e", ""], output: .null, error: .null))
          } catch {
            throw BenchError("lua5.4 cannot be started (scripts/setup bench installs it): \(error)")
          }
          let status = await process.exitStatus()
          guard status == .exited(0) else { throw BenchError("lua5.4 ended: \(status)") }
        }
      }
      try await group.waitForAll()
    }
    return (ContinuousClock.now - begin) / .seconds(1)
  }
}
