import Glibc
import ScriptHost

/// `lua run FILE`.
struct LuaRun {
  let path: String
  /// A folder, or nil for a script without modules.
  let modules: String?
  let cpu: Duration
  let memory: Int
  let timeout: Duration
  let seed: UInt64

  func perform() async -> Int32 {
    let source: [UInt8]
    let found: [ScriptModule]
    do throws(FileContentsError) {
      source = try FileContents.bytes(of: path)
      found = try modules.map { folder throws(FileContentsError) in try LuaModules.all(in: folder) } ?? []
    } catch {
      Console.writeError("cannot read \(error)\n")
      return ExitCode.scriptNotRun
    }
    var limits = ScriptLimits(cpu: cpu, memory: memory, time: timeout)
    // A terminal or a pipe has its own limits; the source is a file of the user's.
    limits.output = .max
    limits.source = max(limits.source, source.count)
    let invocation = ScriptInvocation(
      name: path, source: source, seed: (seed, 0), limits: limits, hasOutput: true, functions: LuaFunctions.all,
      modules: found)
    let functions = LuaFunctions(seed: (seed, 0))
    do throws(ScriptFailure) {
      let host = ScriptHost(try WorkerProgram.open())
      _ = try await host.run(invocation, output: { Console.write($0) }, call: { await functions.perform($0) })
      return ExitCode.success
    } catch {
      tell(error)
      return Self.exitCode(for: error.kind)
    }
  }

  private func tell(_ failure: ScriptFailure) {
    var text = "\(failure)\n"
    for line in failure.trace { text += "  \(line)\n" }
    Console.writeError(TerminalText.text(text))
  }

  private static func exitCode(for kind: ScriptFailure.Kind) -> Int32 {
    switch kind {
    case .syntax, .runtime: ExitCode.failure
    case .budgetExceeded: ExitCode.scriptOverBudget
    case .cancelled, .workerDied, .brokenProtocol, .helper, .tooLarge: ExitCode.scriptNotRun
    }
  }
}
