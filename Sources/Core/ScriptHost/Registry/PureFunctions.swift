package import JSON

/// Performs the functions whose answers follow from their arguments and the context.
package enum PureFunctions {
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
