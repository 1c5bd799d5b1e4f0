import Concurrency
package import JSON
import StackModel

/// The file of a stack that is Lua, with the files that came with it.
package struct StackSource: Sendable {
  /// The file's path below the stack's folder, by which errors name it: `stack.lua`.
  package var name: String
  package var source: [UInt8]
  package var modules: [ScriptModule]

  package init(name: String, source: [UInt8], modules: [ScriptModule] = []) {
    self.name = name
    self.source = source
    self.modules = modules
  }

  /// Whether a file of this name is Lua; any other stack is YAML.
  package static func isLua(_ name: String) -> Bool { name.hasSuffix(".lua") }

  /// What declaring a stack may cost.
  static let limits = ScriptLimits(cpu: .seconds(2), memory: 64 << 20, time: .seconds(10))
}

extension ScriptHost {
  /// Runs the file of a stack, in which nothing has an effect.
  /// - Returns: what it declares, as `StackDeclaration` reads it. It comes from a worker: nothing of it has been checked.
  package func declare(_ stack: StackSource) async throws(ScriptFailure) -> JSON {
    let seed = ScriptSeed.of(stack.name)
    var invocation = ScriptInvocation(
      name: stack.name, source: stack.source, seed: seed, limits: StackSource.limits, wantsResult: true,
      functions: HostFunctions.all(in: .declare), modules: stack.modules)
    invocation.declaresStack = true
    return try await run(invocation, call: { Self.answer($0) })
  }

  private static func answer(_ call: HostCall) -> HostAnswer {
    // A stack must not depend on when it is declared, so no function of this phase shows the time.
    PureFunctions.answer(call, now: Timestamp(millisecondsSinceEpoch: 0), seed: (0, 0))
      ?? .failure(HostCallFailure(.internal, "there is no such function"))
  }
}
