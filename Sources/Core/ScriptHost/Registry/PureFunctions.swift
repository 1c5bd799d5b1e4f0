package import Concurrency
package import JSON

/// Performs the functions whose answers follow from their arguments and the context.
package enum PureFunctions {
  /// Checks and answers a call.
  /// - Returns: nil for a function that is not pure, or is not there.
  package static func answer(_ call: HostCall, now: Timestamp, seed: (UInt64, UInt64)) -> HostAnswer? {
    guard let function = HostFunctions.named(call.function), function.isPure else { return nil }
    switch function.check(call.arguments) {
    case .failure(let failure): return .failure(failure)
    case .success(let arguments):
      return perform(function, arguments, ScriptContext(now: now, seed: seed, call: call.number))
    }
  }

  /// - Parameter arguments: checked.
  /// - Returns: a failure for a function that is not pure.
  package static func perform(_ function: HostFunction, _ arguments: JSONObject, _ context: ScriptContext) -> HostAnswer
  {
    guard case .pure(let perform) = function.recording else {
      return .failure(HostCallFailure(.internal, "\(function.name) is nothing that can be computed"))
    }
    return perform(arguments, context)
  }
}
