import JSON
package import StackModel

extension ScriptHost {
  /// What is wrong with scripts, and what looks wrong, without running any of them: whether they are Lua, and name functions of the host and modules
  /// that are there. They are compiled in a worker, so that what stands in comments and texts, or is a variable of the script's own, is not
  /// taken for something else.
  ///
  /// - Throws: where it is not the scripts that are wrong: it was cancelled, or no worker can be started.
  package func diagnostics(of scripts: StackScripts) async throws(ScriptFailure) -> [Diagnostic] {
    guard !scripts.isEmpty else { return [] }
    var invocation = ScriptInvocation(
      name: "stack", source: [], seed: (0, 0), limits: Self.inspectionLimits, wantsResult: true,
      functions: HostFunctions.all, modules: scripts.modules)
    invocation.inspected = scripts.scripts.map(\.source)
    do throws(ScriptFailure) {
      let found = try await run(invocation).arrayValue ?? []
      // A file may be both a hook's and required.
      return Set(found.compactMap { ScriptFinding($0) }.compactMap(scripts.diagnostic)).sorted()
    } catch {
      switch error.kind {
      case .cancelled, .helper: throw error
      case .syntax, .runtime, .budgetExceeded, .workerDied, .brokenProtocol, .tooLarge:
        let message = "its scripts cannot be looked over: \(error.message)"
        return [Diagnostic(.warning, .limit, file: scripts.file, at: .start, message)]
      }
    }
  }

  /// Compiling takes a small part of it, whatever may come with a stack.
  private static let inspectionLimits = ScriptLimits(cpu: .seconds(5), memory: 128 << 20, time: .seconds(10))
}
