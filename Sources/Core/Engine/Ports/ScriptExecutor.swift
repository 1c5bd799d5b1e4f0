package import ScriptHost

/// Runs the Lua scripts of hooks, each in a process of its own.
package protocol ScriptExecutor: Sendable {
  /// Runs a script to its end; cancelling the task ends it.
  /// - Parameter calls: takes the script's calls, and decides in which order those of branches are answered.
  func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure)
}

/// Where no scripts can be run: says why.
package struct NoScripts: ScriptExecutor {
  private let failure: ScriptFailure

  package init(_ failure: ScriptFailure) { self.failure = failure }

  package func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
    throw failure
  }
}

extension ScriptHost: ScriptExecutor {
  package func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
    _ = try await run(invocation, output: { _ in }, calls: calls)
  }
}
