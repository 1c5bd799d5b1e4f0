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
  /// Dotted names of the host functions that the script has, such as `marathon.deploy`.
  package var functions: [String]

  package init(
    name: String, source: [UInt8], seed: (UInt64, UInt64), limits: ScriptLimits = ScriptLimits(),
    hasOutput: Bool = false,
    wantsResult: Bool = false, functions: [String] = []
  ) {
    self.name = name
    self.source = source
    self.seed = seed
    self.limits = limits
    self.hasOutput = hasOutput
    self.wantsResult = wantsResult
    self.functions = functions
  }
}
