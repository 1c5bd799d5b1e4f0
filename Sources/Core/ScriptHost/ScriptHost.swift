import Concurrency
import Glibc
package import JSON
import Processes

/// Runs scripts, each in a process of its own that is locked in, with limits that it cannot lift.
///
/// What a script does to its VM stays in that process. What the process says is checked as an enemy's word: it can only
/// send frames, and a frame can only print, call a function that the invocation names, or end the invocation.
package struct ScriptHost: Sendable {
  private let program: WorkerProgram
  private let permits: AsyncSemaphore

  /// - Parameter concurrency: how many scripts compute at once; those that wait for the host do not count.
  package init(_ program: WorkerProgram, concurrency: Int = 64) {
    self.program = program
    permits = AsyncSemaphore(limit: concurrency)
  }

  /// Runs a script to its end. When this returns or throws, its worker is gone.
  ///
  /// - Parameters:
  ///   - output: takes what the script prints, in order; the script waits meanwhile.
  ///   - call: performs a host call. It is cancelled when the script's time is over, and should end soon then.
  /// - Returns: the script's value; null if it is not wanted.
  package func run(
    _ invocation: ScriptInvocation, output: @escaping @Sendable ([UInt8]) async -> Void = { _ in },
    call: @escaping @Sendable (HostCall) async -> HostAnswer = { _ in
      .failure(HostCallFailure(.unavailable, "nothing is called here"))
    }
  ) async throws(ScriptFailure) -> JSON {
    try invocation.check()
    let run = ScriptRun(program: program, invocation: invocation, permits: permits, output: output, call: call)
    return try await run.perform().get()
  }
}
