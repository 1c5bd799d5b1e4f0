package import JSON
package import StackModel

/// One script, to be run once.
package struct ScriptInvocation: Sendable {
  /// How the script is called in errors: `hooks/register.lua`.
  package var name: String
  package var source: [UInt8]
  /// What `math.random` follows from: the same seed gives the same numbers.
  package var seed: (UInt64, UInt64)
  package var limits: ScriptLimits
  /// Whether there is `print`.
  package var hasOutput: Bool
  /// Whether the script's value is wanted. If not, it may be anything.
  package var wantsResult: Bool
  /// The host's functions that the script has.
  package var functions: [HostFunction]
  /// What the script finds as `ctx` and as its argument, read-only; nil for a script that has none. Applications in it become handles where
  /// `HookContext` says so; `RunContext` for the function `run` of a stack.
  package var context: JSON?
  /// The source is the file of a stack, which declares it: its value is the stack, as `StackDeclaration` reads it.
  package var declaresStack = false
  /// A function of the stack that the source declares: it is called with the context, which is not global then, and its value is the
  /// invocation's.
  package var function: StackFunction?
  /// What the script can `require`.
  package var modules: [ScriptModule]
  /// In place of running the source, these are looked at, with what they require: the value is a list of `ScriptFinding`.
  var inspected: [[UInt8]]?

  /// Whether the source runs in the phase `declare`.
  var isStack: Bool { declaresStack || function != nil }

  package init(
    name: String, source: [UInt8], seed: (UInt64, UInt64), limits: ScriptLimits = ScriptLimits(),
    hasOutput: Bool = false, wantsResult: Bool = false, functions: [HostFunction] = [], context: JSON? = nil,
    modules: [ScriptModule] = []
  ) {
    self.name = name
    self.source = source
    self.seed = seed
    self.limits = limits
    self.hasOutput = hasOutput
    self.wantsResult = wantsResult
    self.functions = functions
    self.context = context
    self.modules = modules
  }
}
