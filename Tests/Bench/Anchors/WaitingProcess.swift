import Glibc
import Processes

/// A process that only waits, with the same runtime and libraries in it as the server: this program, as `bench wait`.
enum WaitingProcess {
  static let anchorName = "a Swift process that only waits"

  /// What `bench wait` does.
  static func wait() -> Never {
    while true { pause() }
  }

  /// Runs `body` beside it, and ends it.
  static func with<Result>(_ bench: Bench, _ body: (ProcessUsage) async throws -> Result) async throws -> Result {
    let process = try bench.spawn(ProcessSpecification(executable: "/proc/self/exe", arguments: ["wait"]))
    defer { process.signal(SIGKILL) }
    return try await body(ProcessUsage(pid: process.pid))
  }
}
