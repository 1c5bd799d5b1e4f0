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

  /// Opens the helper program and tries it, so that a missing, wrong or old one is told when a server starts and not in a run.
  ///
  /// - Throws: a failure with a sentence that names the program and the way out.
  package static func open(concurrency: Int = 64) async throws(ScriptFailure) -> ScriptHost {
    let host = ScriptHost(try WorkerProgram.open(), concurrency: concurrency)
    try await host.tryOut()
    return host
  }

  /// Runs a script that does nothing. A machine on which that takes long gets the benefit of the doubt.
  func tryOut() async throws(ScriptFailure) {
    let limits = ScriptLimits(time: .seconds(10))
    do throws(ScriptFailure) {
      _ = try await run(ScriptInvocation(name: "nothing.lua", source: [], seed: (0, 0), limits: limits))
    } catch {
      if error.kind == .budgetExceeded(.time) { return }
      throw error
    }
  }

  /// Runs a script to its end. When this returns or throws, its worker is gone.
  ///
  /// - Parameters:
  ///   - output: takes what the script prints, in order; the script waits meanwhile.
  ///   - call: performs a host call; several at once where branches of `parallel` make them. It is cancelled when the script's time is over,
  ///     and should end soon then.
  /// - Returns: the script's value; null if it is not wanted.
  package func run(
    _ invocation: ScriptInvocation, output: @escaping @Sendable ([UInt8]) async -> Void = { _ in },
    call: @escaping @Sendable (HostCall) async -> HostAnswer = { _ in
      .failure(HostCallFailure(.unavailable, "nothing is called here"))
    }
  ) async throws(ScriptFailure) -> JSON {
    let calls = ClosureCalls(call)
    return try await calls.performing { () -> Result<JSON, ScriptFailure> in
      do throws(ScriptFailure) {
        return .success(try await run(invocation, output: output, calls: calls))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  /// The same, with calls of branches that are begun and answered in an order that `calls` defines.
  package func run(
    _ invocation: ScriptInvocation, output: @escaping @Sendable ([UInt8]) async -> Void = { _ in },
    calls: any HostCalls
  ) async throws(ScriptFailure) -> JSON {
    try invocation.check()
    let run = ScriptRun(program: program, invocation: invocation, permits: permits, output: output, calls: calls)
    return try await run.perform().get()
  }
}
